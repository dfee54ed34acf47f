import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { LiveEngine, type LiveEngineOptions, StateHistory } from '../../src/live/live-engine.ts';
import { tableVariables } from '../../src/parts/registry.ts';
import type { StoredModel } from '../../src/storage/stored-model.ts';
import type { StoredTensor } from '../../src/storage/tensors.ts';
import { trainLive } from './live-models.ts';

describe('StateHistory', () => {
  it('holds the last distinct items and their clicks behind the state, most recent first', () => {
    const history = new StateHistory(2, 3);
    const state = Float32Array.of(0.5, -1, 0, 0, 0, 0, 0, 0);
    const held = (of: Float32Array) => {
      const { items, counts } = history.of(of);
      return `${items.join(' ')}: ${counts.join(' ')}`;
    };
    const none = held(state);
    const seen = [4, 0, 4, 2_000_000_000, 7].map((item) => {
      history.add(state, item);
      return held(state);
    });
    expect([none, ...seen]).toEqual([
      '-1 -1 -1: 0 0 0',
      '4 -1 -1: 1 0 0',
      '0 4 -1: 1 1 0',
      '4 0 -1: 2 1 0',
      '2000000000 4 0: 1 2 1',
      '7 2000000000 4: 1 1 2',
    ]);
    expect([...state.subarray(0, 2)]).toEqual([0.5, -1]);
    // The bits survive a copy of the state.
    const copy = new Float32Array(9);
    copy.subarray(1).set(state);
    expect(held(copy.subarray(1))).toEqual(seen[4]);
  });
});

const modelOn = await trainLive({ cell: 'lstm', layers: [12, 7] });
const itemIds = modelOn().itemIds.slice();

const scoring = ['top-allowed-20-1', 'top-allowed-30-1', 'score-items-64', 'score-items-160', 'score-all'];

/** An engine that records the programs of every load. */
function watched(): { engine: Engine; loads: string[][]; runs: string[] } {
  const [loads, runs]: [string[][], string[]] = [[], []];
  const wasm = createWasmEngine();
  const engine: Engine = {
    name: 'watched',
    load(programs) {
      const runtime = wasm.load(programs);
      loads.push(programs.map(({ name }) => name));
      return {
        variables: runtime.variables,
        run: (program, inputs) => {
          runs.push(program);
          return runtime.run(program, inputs);
        },
        read: (variable) => runtime.read(variable),
        detach: (variable) => runtime.detach(variable),
        write: (...given) => runtime.write(...given),
        dispose: () => runtime.dispose(),
      };
    },
  };
  return { engine, loads, runs };
}

/** The model with that many items. */
function withItems(count: number, engine: Engine, model: StoredModel = modelOn()): Gru4Rec {
  const items = Array.from({ length: count }, (_, item) => `item ${item}`);
  const tensors = model.tensors.map(({ name, kind, cols, rows, values }) => {
    if (name !== 'Wy' && name !== 'by') return { name, kind, cols, rows, values };
    const scores = Float32Array.from({ length: count * cols }, (_, i) => Math.sin(i * i));
    return { name, kind, cols, rows: count, values: scores };
  });
  return new Gru4Rec({ ...model, engine, itemIds: items, tensors });
}

describe('LiveEngine', () => {
  it('loads again if more slots are requested', () => {
    const { engine, loads } = watched();
    const model = modelOn(engine);
    const visit = model.startSession();
    visit.click(itemIds[0]);
    model.sessions({ slots: 2 });
    visit.click(itemIds[1]);
    expect(loads).toEqual([
      ['advance-1', 'top-20-1', 'top-30-1', ...scoring],
      ['advance-1', 'advance-2', 'top-20-1', 'top-30-1', 'top-20-2', 'top-30-2', ...scoring],
    ]);
  });

  it('advances with the smallest program and scores only when asked', () => {
    const { engine, runs } = watched();
    const model = modelOn(engine);
    const sessions = model.sessions({ slots: 8, now: () => 0 });
    const events = ['s', 't', 'u', 's', 's'].map((session) => ({ session, item: itemIds[3] }));
    sessions.click(events);
    expect(runs).toEqual(['advance-4', 'advance-1', 'advance-1']);
    sessions.recommend('s', 1);
    sessions.rank('s', itemIds.slice(0, 3));
    expect(runs.slice(3)).toEqual(['top-20-1', 'score-items-64']);
  });

  it('lists the best items of several sessions together, and scores all items only where a list does not suffice', () => {
    const { engine, runs } = watched();
    const model = withItems(400, engine);
    const sessions = model.sessions({ slots: 2, now: () => 0 });
    const visitors = ['s', 't', 'u'];
    const ids = model.itemIds.slice();
    sessions.click(visitors.map((session, i) => ({ session, item: ids[i] })));
    runs.length = 0;
    const together = sessions.recommendEach(visitors, 5);
    // A program of one slot has the scores of its list.
    expect(runs).toEqual(['top-20-2', 'score-items-64', 'score-items-64', 'top-20-1']);
    expect(together).toEqual(visitors.map((session) => sessions.recommend(session, 5)));
    runs.length = 0;
    expect(sessions.recommend('s', 300)).toEqual(sessions.recommend('s', 400).slice(0, 300));
    expect(runs[0]).toBe('top-400-1');
    expect(sessions.recommend('s', 20, { excludeSeen: true })).toHaveLength(20);
    runs.length = 0;
    const groups = new Map(ids.map((id) => [id, 'g']));
    expect(sessions.recommend('s', 2, { groups, maxPerGroup: 1 })).toEqual(sessions.recommend('s', 1));
    expect(runs.slice(0, 2)).toEqual(['top-20-1', 'score-all']);
  });

  it('answers in the memory of the model before as in its own', () => {
    const engine = createWasmEngine({ threads: 1 });
    const { engine: watchedEngine, loads } = watched();
    const answersOf = ({ live }: Gru4Rec) => {
      const states = [0.3, -0.7].map((value) => new Float32Array(live.stateLength).fill(value));
      return [live.best(states, 20), live.best(states.slice(1), 64), [...live.scoreAll(states[0]!)]];
    };
    let before = withItems(30, watchedEngine);
    before.live.reserve(2, true);
    for (const [count, loaded] of [
      [30, 1],
      [286, 1],
      [31, 1],
      [287, 2],
    ] as const) {
      before = new Gru4Rec({ ...withItems(count, watchedEngine), engine: watchedEngine, before });
      expect(answersOf(before)).toEqual(answersOf(withItems(count, engine)));
      expect(loads).toHaveLength(loaded);
    }
  });
});

const UNITS = 5;
/** Few distinct values, so that many items have equal scores. */
const coarse = fc.integer({ min: -3, max: 3 });
const engine = createWasmEngine({ threads: 1 });

/** Live programs with the given parameters; all others are 0.5. */
function liveOf(
  { config, itemCount, tensors }: Pick<LiveEngineOptions, 'config' | 'itemCount' | 'tensors'>,
  parameters: Record<string, readonly number[]>,
) {
  return new LiveEngine({
    config,
    itemCount,
    ...(tensors && { tensors }),
    load(programs) {
      const runtime = engine.load(programs);
      for (const { name, kind, rows, cols } of runtime.variables) {
        if (kind === 'state') continue;
        const values = parameters[name] ?? [0.5];
        runtime.write(
          name,
          Float32Array.from({ length: rows * cols }, (_, i) => values[i % values.length] ?? 0),
        );
      }
      return runtime;
    },
  });
}

/** The last distinct items, the most recent first. */
const lastItems = (clicks: readonly number[], length: number) =>
  [...new Set(clicks.toReversed())].slice(0, length);

const cases = fc.record({
  itemCount: fc.constantFrom(2, 25, 150, 400),
  repeatLength: fc.constantFrom(1, 3, 40, 500),
  finalAct: fc.constantFrom('linear', 'relu', 'tanh'),
  biases: fc.array(coarse, { minLength: 1, maxLength: 61 }),
  repeats: fc.array(coarse, { minLength: 1, maxLength: 40 }),
  own: fc.constantFrom(undefined, 0, -0.5, 1),
  clicks: fc.array(fc.nat({ max: 399 }), { minLength: 1, maxLength: 60 }),
  count: fc.constantFrom(1, 2, 20, 21, 64, 256, 400),
  near: fc.array(fc.nat({ max: 399 }), { minLength: 1, maxLength: 150, size: 'max' }),
  weight: fc.constantFrom(0.02, 0.2),
});

const vector = (name: string, values: readonly number[]): StoredTensor => {
  return { name, kind: 'parameter', rows: 1, cols: values.length, values: Float32Array.from(values) };
};

/** The same co-occurrences for each item, and their weight. */
function coOccurrencesOf(itemCount: number, near: readonly number[], weight: number): StoredTensor[] {
  const tables = tableVariables({ 'co-occurrences': near.length }, itemCount).map((table, at) => {
    const row = near.map((item, place) => (at === 0 ? item : 1 / (1 + place)));
    return { ...table, values: Float32Array.from(Array.from({ length: itemCount }, () => row).flat()) };
  });
  return [...tables, vector('co-occurrences.weights', [weight])];
}

describe('LiveEngine with sparse parts', () => {
  it('lists what loops and a sort list, with equal scores by item', () => {
    fc.assert(
      fc.property(cases, ({ itemCount, repeatLength, finalAct, biases, repeats, own, ...given }) => {
        const { clicks, count, weight } = given;
        const near = [...new Set(given.near.map((item) => item % itemCount))];
        const config = parseConfig({
          ...{ loss: 'bpr-max', finalAct, layers: [UNITS], constrainedEmbedding: false },
          ...{ parts: ['network', 'repeats', 'co-occurrences'], repeatLength },
        });
        // Without Wy the scores are the biases.
        const places = Array.from(
          { length: repeatLength },
          (_, place) => repeats[place % repeats.length] ?? 0,
        );
        const tensors = [
          vector('repeats.weights', [...places, 0, 0, own ?? 0]),
          ...(own === undefined ? [] : coOccurrencesOf(itemCount, near, weight)),
        ];
        const live = liveOf({ config, itemCount, tensors }, { Wy: [0], by: biases });
        live.reserve(2);
        const state = new Float32Array(live.stateLength);
        const known = clicks.map((item) => item % itemCount);
        for (const item of known) live.advance([{ state, item }]);
        const last = lastItems(known, repeatLength);
        const nearest = near.filter((item) => !last.includes(item)).slice(0, 100);
        const scores = Array.from({ length: itemCount }, (_, item) => {
          const place = last.indexOf(item);
          const score = biases[item % biases.length] ?? 0;
          const added = place < 0 ? 0 : (repeats[place % repeats.length] ?? 0) + (own ?? 0) * score;
          const sum = last.slice(0, 10).reduce((all, _, k) => all + 0.8 ** k / (1 + near.indexOf(item)), 0);
          const isNear = own !== undefined && nearest.includes(item);
          const x = score + added + (isNear ? Math.fround(weight * Math.log(1 + sum / 0.02)) : 0);
          return { linear: x, relu: Math.max(0, x), tanh: Math.tanh(x) }[finalAct] ?? Number.NaN;
        });
        const sorted = scores
          .map((_, item) => item)
          .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
        const states = [new Float32Array(live.stateLength), state, state];
        const wanted = Math.min(count, itemCount);
        const lists = live.best(states, wanted);
        live.dispose();
        if (!lists) throw new RangeError(`no list of ${wanted} items`);
        for (const { items, scores: listed } of lists.slice(1)) {
          expect(items.length).toBeGreaterThanOrEqual(wanted);
          expect([...items]).toEqual(sorted.slice(0, items.length));
          for (const [at, item] of items.entries())
            expect(listed[at]).toBeCloseTo(scores[item] ?? Number.NaN, 5);
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });
});
