import { createWasmEngine } from '@gru4rec/engine-wasm';
import { topItems } from '@gru4rec/metrics';
import type { Engine } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import type { StoredModel } from '../../src/storage/stored-model.ts';
import { trainLive } from './live-models.ts';

const modelOn = await trainLive({ cell: 'lstm', layers: [12, 7] });
const itemIds = modelOn().itemIds.slice();

const scoring = ['score-items-32', 'score-items-256', 'score-all'];

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
        write: (variable, values) => runtime.write(variable, values),
        dispose: () => runtime.dispose(),
      };
    },
  };
  return { engine, loads, runs };
}

/** The model with that many items. */
function withItems(count: number, engine: Engine, model: StoredModel = modelOn()): Gru4Rec {
  const { config, history, tensors } = model;
  const items = Array.from({ length: count }, (_, item) => `item ${item}`);
  const tables = tensors.map(({ name, kind, cols, rows, values }) => {
    if (name !== 'Wy' && name !== 'by') return { name, kind, cols, rows, values };
    const scores = Float32Array.from({ length: count * cols }, (_, i) => Math.sin(i * i));
    return { name, kind, cols, rows: count, values: scores };
  });
  return new Gru4Rec({ config, history, engine, itemIds: items, tensors: tables });
}

describe('LiveEngine', () => {
  it('loads one runtime for all visits and sessions', () => {
    const { engine, loads } = watched();
    const model = modelOn(engine);
    const sessions = model.sessions({ slots: 6, now: () => 0 });
    expect(loads).toEqual([]);
    for (const session of ['s', 't']) sessions.click([{ session, item: itemIds[0] }]);
    for (const visit of [model.startSession(), model.startSession()]) visit.click(itemIds[0]);
    model.sessions({ slots: 4 });
    const slots = [1, 2, 4, 6];
    const [advance, top] = [
      slots.map((n) => `advance-${n}`),
      slots.flatMap((n) => [`top-20-${n}`, `top-30-${n}`]),
    ];
    expect(loads).toEqual([[...advance, ...top, ...scoring]]);
  });

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
    sessions.top('s', 1);
    sessions.rank('s', itemIds.slice(0, 3));
    expect(runs.slice(3)).toEqual(['top-20-1', 'score-items-32']);
  });

  it('lists the best items of several sessions together, and scores all items only where a list does not suffice', () => {
    const { engine, runs } = watched();
    const model = withItems(400, engine);
    const sessions = model.sessions({ slots: 2, now: () => 0 });
    const visitors = ['s', 't', 'u'];
    const ids = model.itemIds.slice();
    sessions.click(visitors.map((session, i) => ({ session, item: ids[i] })));
    runs.length = 0;
    const together = sessions.topOfEach(visitors, 5);
    // A program of one slot has the scores of its list.
    expect(runs).toEqual(['top-20-2', 'top-20-1', 'score-items-32', 'score-items-32']);
    expect(together).toEqual(visitors.map((session) => sessions.top(session, 5)));
    runs.length = 0;
    expect(sessions.top('s', 300)).toEqual(sessions.top('s', 400).slice(0, 300));
    expect(runs[0]).toBe('top-400-1');
    expect(sessions.top('s', 20, { excludeSeen: true })).toHaveLength(20);
    runs.length = 0;
    const groups = new Map(ids.map((id) => [id, 'g']));
    expect(sessions.top('s', 2, { groups, maxPerGroup: 1 })).toEqual(sessions.top('s', 1));
    expect(runs.slice(0, 2)).toEqual(['top-20-1', 'score-all']);
  });

  it.each([
    ['raises', [9, 4, 0, 2, 1]],
    ['lowers', [-9, -4, 0, -2, -1]],
    ['raises and lowers', [-9, 6, -4, 3, 0.1]],
  ])('lists what sorting all scores lists where a repeat bias %s items', async (_name, values) => {
    const repeats = await trainLive({ repeatBias: 'constant', repeatLength: 5 });
    const changed = repeats().tensors.map((t) =>
      t.name === 'repeat.c' ? { ...t, values: Float32Array.from(values) } : t,
    );
    const { live } = withItems(400, createWasmEngine(), { ...repeats(), tensors: changed });
    live.reserve(2);
    const states = [0, 1, 2].map(() => new Float32Array(live.stateLength));
    for (let step = 0; step < 7; step++) {
      for (const [i, state] of states.entries())
        live.advance([{ state, item: (7 * i + step * (i + 3)) % 40 }]);
      for (const count of [1, 20, 64, 399]) {
        for (const [i, { items, scores }] of (live.best(states, count) ?? []).entries()) {
          expect(items.length).toBeGreaterThanOrEqual(count);
          const all = Float64Array.from(live.scoreAll(states[i] ?? new Float32Array()));
          expect([...items]).toEqual([...topItems(all, items.length)]);
          expect([...scores]).toEqual(Array.from(items, (item) => all[item]));
        }
      }
    }
    expect(live.best(states, 400)?.map(({ items }) => items.length)).toEqual([400, 400, 400]);
  });
});
