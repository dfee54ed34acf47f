import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Learner, type LearnerClick } from '../../src/learning/learner.ts';
import { SESSION_WEIGHTS } from '../../src/parts/count-co-occurrences.ts';
import { pairNames } from '../../src/parts/pair-tables.ts';
import { partNames } from '../../src/parts/registry.ts';
import type { StoredTensor } from '../../src/storage/tensors.ts';
import { readModel } from '../../src/storage.node.ts';
import { trainLive } from '../live/live-models.ts';
import { dataOf, engine, tensorOf, tinyData, trainOn } from '../tiny-data.ts';

const clickFeatures = { clickFeatures: ['type'], clickFeatureScale: 0.5 };
/** The tiny data with types of clicks. */
function typedData() {
  const data = tinyData();
  const context = Int32Array.from(data.train.items, (item, at) => ((item + at) % 3) - 1);
  const contextColumns = [{ name: 'type', values: ['view', 'cart'] }];
  return { ...data, train: { ...data.train, context }, contextColumns };
}
const model = await trainOn(typedData(), { logq: 1, momentum: 0.2, dropoutPHidden: 0.2, ...clickFeatures });

/** Sessions of a few clicks in turn, over the items of the model and some new ones. */
function stream(clicks: number, seed = 1): LearnerClick[] {
  let word = seed;
  const next = (below: number) => {
    word = (Math.imul(word, 1103515245) + 12345) >>> 0;
    return (word >>> 8) % below;
  };
  return Array.from({ length: clicks }, (_, at) => ({
    session: `s${Math.floor(at / 40)}-${next(9)}`,
    item: next(5) === 0 ? `new${next(3) + Math.floor(at / 50)}` : String(model.itemIds.at(next(30))),
    timeMs: at * 100,
    features: model.clicks?.encode({ type: ['view', 'cart', 'rate'][at % 3] }),
  }));
}

const learnt = (parts: readonly (readonly LearnerClick[])[]) => {
  const learner = new Learner(model, { engine });
  for (const part of parts) learner.learn(part);
  learner.flush();
  const result = { tensors: learner.model().tensors, ids: learner.itemIds.slice(), pairs: learner.pairs };
  learner.dispose();
  return result;
};

function similaritiesIn(tensors: readonly StoredTensor[]): [other: number, similarity: number][][] {
  const names = pairNames('co-occurrences');
  const [items, similarities] = Object.values(names).map((name) => tensorOf({ tensors }, name));
  const { rows = 0, cols = 0 } = tensors.find(({ name }) => name === names.items) ?? {};
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: cols }, (_, col): [number, number] => {
      const at = row * cols + col;
      return [Number(items[at]), Number(similarities[at])];
    }).filter(([, similarity]) => similarity > 0),
  );
}

/** X and n of every pair and item by name, from the tables of a model over the tiny data on. */
function naiveCoOccurrences(tensors: readonly StoredTensor[]) {
  const n = new Map<string, number>();
  const shared = new Map<string, number>();
  const add = (to: Map<string, number>, key: string, more: number) => to.set(key, (to.get(key) ?? 0) + more);
  const scale = (a: string, b: string) => Math.sqrt(((n.get(a) ?? 0) + 3) * ((n.get(b) ?? 0) + 3));
  const idOf = (item: number) => String(model.itemIds.at(item));
  for (const [item, weight] of tensorOf({ tensors }, SESSION_WEIGHTS).entries()) add(n, idOf(item), weight);
  for (const [item, others] of similaritiesIn(tensors).entries())
    for (const [other, similarity] of others)
      add(shared, `${idOf(item)} ${idOf(other)}`, similarity * scale(idOf(item), idOf(other)));
  return {
    join(item: string, items: readonly string[]): void {
      const [before, after] = [items.length, items.length + 1].map((size) => Math.max(1, size - 1) ** -0.5);
      add(n, item, Number(after));
      for (const other of items) {
        add(n, other, Number(after) - Number(before));
        add(shared, `${item} ${other}`, Number(after));
        add(shared, `${other} ${item}`, Number(after));
      }
    },
    others: (a: string) => [...shared.keys()].filter((pair) => pair.startsWith(`${a} `)).length,
    similarity: (a: string, b: string) => (shared.get(`${a} ${b}`) ?? 0) / scale(a, b),
  };
}

describe('Learner', () => {
  const clicks = stream(400);

  it('has the same bits however its clicks are cut into calls', () => {
    const whole = learnt([clicks]);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(399), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), clicks.length];
        const parts = places.slice(1).map((end, at) => clicks.slice(places[at], end));
        expect(learnt(parts)).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it.each([
    [0, {}],
    ['all', {}],
    [0, clickFeatures],
  ] as const)(
    'takes the steps of training where sessions run in parallel, nSample %s, %j',
    async (nSample, more) => {
      const values = { nSample, nEpochs: 1, dropoutPHidden: 0.2, momentum: 0.3, layers: [12, 8], ...more };
      const from = await trainOn(typedData(), values);
      const idOf = (item = -1) => String(from.itemIds.at(item));
      const sessions = Array.from({ length: from.config.batchSize }, (_, s) =>
        Array.from({ length: 5 }, (_, at) => (7 * s + 3 * at * at + at) % 30),
      );
      const plain = dataOf(
        from.itemIds.slice(),
        sessions.map((items) => items.map((item) => idOf(item))),
      );
      const context = plain.train.items.map((item) => item % 2);
      const contextColumns = [{ name: 'type', values: ['cart', 'view'] }];
      const data = { ...plain, train: { ...plain.train, context }, contextColumns };
      const trained = await trainOn(data, values, { from });
      const learner = new Learner(from, { engine });
      for (let at = 0; at < 5; at++) {
        const clicks = sessions.map((items, s) => ({
          session: `s${s}`,
          item: idOf(items[at]),
          timeMs: at,
          features: from.clicks?.encode({ type: Number(items[at]) % 2 ? 'view' : 'cart' }),
        }));
        learner.learn(clicks);
      }
      expect(learner.waiting).toBe(0);
      expect(learner.model().tensors).toEqual(trained.tensors);
      learner.dispose();
    },
  );

  it('counts on which items share sessions, also new ones, and exactly where there is room for all', async () => {
    const from = (await trainLive({ parts: ['network', 'repeats', 'co-occurrences'] }))();
    const learner = new Learner(from, { engine });
    const naive = naiveCoOccurrences(from.tensors);
    const all = clicks.map((click) => ({ ...click, features: undefined }));
    learner.learn(all);
    const sessions = new Map<string, string[]>();
    for (const { session, item } of all) {
      const items = sessions.get(session) ?? [];
      sessions.set(session, [...items.filter((one) => one !== item), item]);
      if (!items.includes(item)) naive.join(item, items);
    }
    const folder = join(testFolder(), 'learnt');
    await learner.model().save(folder);
    const { tensors, itemIds } = await readModel(folder);
    const rows = similaritiesIn(tensors);
    const idOf = (item: number) => String(itemIds.at(item));
    let exact = 0;
    for (const [item, others] of rows.entries()) {
      const all = naive.others(idOf(item));
      expect(others.length).toBe(Math.min(29, all));
      for (const [other, similarity] of others) {
        const expected = naive.similarity(idOf(item), idOf(other));
        if (all > 29) expect(similarity).toBeLessThan(expected + 1e-5);
        else expect(similarity).toBeCloseTo(expected, 5);
      }
      if (all <= 29 && idOf(item).startsWith('new')) exact += all;
    }
    expect(exact).toBeGreaterThan(20);
    expect(similaritiesIn(learner.tables())).toEqual(rows);
    learner.dispose();
  });

  it('goes on after any time without clicks', () => {
    const hour = 3_600_000;
    const learner = new Learner(model, { engine, halfLifeMs: hour });
    const clicks = stream(100);
    learner.learn(clicks);
    learner.learn(clicks.map((click) => ({ ...click, timeMs: click.timeMs + 10_000 * hour })));
    expect(learner.recentClicks.every(Number.isFinite)).toBe(true);
    expect(learner.state().countSum).toBeLessThan(clicks.length + 1);
    learner.dispose();
  });

  it('gives a new item the same row whatever rows were added with it', () => {
    const start = { session: 'x', timeMs: 0 };
    const rowOf = (items: readonly string[], item: string) => {
      const learner = new Learner(model, { engine });
      learner.learn(items.map((id) => ({ ...start, session: id, item: id })));
      const row = learner.itemIds.indexOf(item);
      const table = tensorOf(learner.model(), 'Wy');
      learner.dispose();
      return table.slice(12 * row, 12 * (row + 1));
    };
    const many = Array.from({ length: 700 }, (_, at) => `n${at}`);
    expect(rowOf(many, 'n3')).toEqual(rowOf(many.slice(0, 4), 'n3'));
    expect(rowOf(many, 'n3')).not.toEqual(rowOf(many, 'n4'));
  });

  it('learns pairs that wait for longer than maxWaitMs in a step that is not full', () => {
    const learner = new Learner(model, { engine, maxWaitMs: 1000 });
    const [a, b] = [String(model.itemIds.at(0)), String(model.itemIds.at(1))];
    learner.learn([a, b].map((item) => ({ session: 's', item, timeMs: 10 })));
    expect(learner.waiting).toBe(1);
    learner.learn([{ session: 't', item: a, timeMs: 1009 }]);
    expect(learner.waiting).toBe(1);
    learner.learn([{ session: 'u', item: a, timeMs: 1010 }]);
    expect({ waiting: learner.waiting, pairs: learner.pairs }).toEqual({ waiting: 0, pairs: 1 });
    learner.dispose();
  });

  it('counts what it learns as an epoch of its model', () => {
    const learner = new Learner(model, { engine });
    learner.learn(clicks);
    const { history } = learner.model();
    const last = history.at(-1);
    expect(history.slice(0, -1)).toEqual(model.history);
    expect(last?.epoch).toBe(1 + (model.history.at(-1)?.epoch ?? 0));
    expect(last?.steps).toBeGreaterThan(10);
    expect(last?.events).toBe(learner.pairs);
    expect(last?.loss).toBeGreaterThan(0);
    learner.dispose();
  });

  it('scores as its model does, also new items', () => {
    const learner = new Learner(model, { engine });
    learner.learn(clicks);
    const inputs = [Int32Array.of(learner.itemIds.length - 1, 3), Float32Array.of(1, 1)] as const;
    const columns = [{ name: 'type', values: ['view', 'cart'] }];
    const [own, expected] = [learner, learner.model()].map((one) =>
      one
        .scorer(columns)
        .open(2)
        .step(...inputs, Int32Array.of(1, -1))
        .slice(),
    );
    expect(own).toEqual(expected);
    expect(own).toHaveLength(2 * learner.itemIds.length);
    learner.dispose();
  });

  const subsets = fc.subarray(partNames.filter((name) => name !== 'network'));
  it('scores as its model does with any subset of parts', async () => {
    const scored = fc.asyncProperty(subsets, async (subset) => {
      const itemFeatures = subset.includes('similar-attributes') ? ['brand'] : [];
      const config = { parts: ['network', ...subset], itemFeatures, nEpochs: 1 };
      const table = Int32Array.from(tinyData().itemIds, (_, item) => item % 5);
      const brands = async () => ({ vocabulary: { columns: [] }, count: 5, perItem: 1, table });
      const data = { ...tinyData(), itemFeatures: brands };
      const timed = { ...data.train, times: BigInt64Array.from(data.train.items, (_, at) => BigInt(at)) };
      const from = await trainOn({ ...data, train: timed }, config, { validation: timed });
      const learner = new Learner(from, { engine });
      learner.learn(clicks.map((click) => ({ ...click, features: undefined })));
      const [own, expected] = [learner, learner.model()].map((one) => {
        const session = one.scorer().open(1);
        return [3, 7, 3, learner.itemIds.length - 1].map((item, at) => [
          ...session.step(Int32Array.of(item), Float32Array.of(at === 0 ? 1 : 0)),
        ]);
      });
      expect(own).toEqual(expected);
      learner.dispose();
    });
    await fc.assert(scored, { numRuns: 8 });
  });

  it('learns every pair of consecutive clicks of a session once', () => {
    const perSession = new Map<string, number>();
    for (const { session } of clicks) perSession.set(session, 1 + (perSession.get(session) ?? 0));
    const expected = [...perSession.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(learnt([clicks]).pairs).toBe(expected);
  });

  it('goes on from its model and its state with the same bits, wherever it was cut', async () => {
    const counting = (await trainLive({ parts: ['network', 'co-occurrences'] }))();
    const limits = { sessionPairs: 4, sessionItem: 1, itemShare: 0.05, newItems: 400 };
    // Many new items wait for a step, so that a cut falls between an item and the rows for it.
    const many = stream(200, 7).map((click, at) => ({
      ...click,
      session: `m${at % 3}`,
      timeMs: 41_000 + at,
    }));
    const typed = [
      ...clicks,
      ...many.map((click, at) => (at % 2 ? { ...click, item: `more${at}` } : click)),
      ...clicks.map((click) => ({ ...click, timeMs: 130_000_000 + click.timeMs })),
    ];
    const result = (learner: Learner) => {
      const { tensors, recentClicks } = learner.model();
      const { step, ...state } = learner.state();
      const { seconds: _, ...course } = step.course;
      return { tensors, recentClicks, ids: learner.itemIds.slice(), state, rows: step.rows, course };
    };
    for (const [from, options] of [
      [model, {}],
      [model, limits],
      [counting, {}],
    ] as const) {
      const all = from === model ? typed : typed.map((click) => ({ ...click, features: undefined }));
      const whole = new Learner(from, { engine, ...options });
      whole.learn(all);
      for (const cut of from === model ? [0, 1, 77, 415, 470, 700] : [77, 470]) {
        const first = new Learner(from, { engine, ...options });
        first.learn(all.slice(0, cut));
        const second = new Learner(first.model(), {
          engine,
          ...options,
          state: structuredClone(first.state()),
        });
        first.dispose();
        second.learn(all.slice(cut));
        expect(result(second), `cut at ${cut}`).toEqual(result(whole));
        expect(second.model().history).toHaveLength(from.history.length + 1);
        second.dispose();
      }
      whole.dispose();
    }
    const state = { ...new Learner(model, { engine }).state(), counts: Float64Array.of(1) };
    expect(() => new Learner(model, { engine, state })).toThrow('"counts" expected 30 entries');
  });

  it('forgets sessions and their pairs that wait', () => {
    const learner = new Learner(model, { engine });
    learner.learn(clicks.slice(0, 207));
    const before = learner.state();
    const [waiting = -1] = before.waiting.session;
    const ids = new Set([waiting, 20].map((at) => before.sessions.ids[at] ?? '').concat('nobody'));
    learner.forget(ids);
    const after = learner.state();
    expect(after.sessions.ids).toEqual(before.sessions.ids.filter((id) => !ids.has(id)));
    expect(before.waiting.session.length - after.waiting.session.length).toBe(1);
    expect(after.pairs).toBe(before.pairs);
    learner.dispose();
  });

  it('drops clicks beyond the limits of a session, of an item and of new items', () => {
    const learner = new Learner(model, { engine, sessionPairs: 3, sessionItem: 1, newItems: 2 });
    const [a, b, c, d, e] = model.itemIds.slice(0, 5) as [string, string, string, string, string];
    const learn = (session: string, items: readonly string[], timeMs = 0) =>
      learner.learn(items.map((item) => ({ session, item, timeMs })));
    learn('s', [a, b, b, b, c, d, e]);
    learner.flush();
    expect({ pairs: learner.pairs, dropped: learner.dropped }).toEqual({ pairs: 3, dropped: 3 });
    learn('t', ['x', 'y', 'z']);
    expect(learner.itemIds.slice(30)).toEqual(['x', 'y']);
    learner.dispose();
    const shared = new Learner(model, { engine, itemShare: 0.1, counts: new Float64Array(30).fill(1000) });
    const dropped = (count: number, timeMs: number, items: readonly string[]) => {
      const before = shared.dropped;
      for (let at = 0; at < count; at++)
        shared.learn(items.map((item) => ({ session: `${timeMs} ${at}`, item, timeMs })));
      return shared.dropped - before;
    };
    expect(dropped(500, 0, ['x'])).toBe(490);
    // Then twice the clicks of the minute before.
    expect([1, 2, 3].map((minute) => 100 - dropped(100, 60_000 * minute, ['x']))).toEqual([20, 40, 80]);
    // After one other item, 3, and then twice those of the minute before.
    const after = [10, 11].map((minute) => 10 - dropped(10, 60_000 * minute, [b, c]));
    expect(after).toEqual([3, 6]);
    // Not while an item has its usual share: what visitors always do is learnt.
    expect(dropped(300, 60_000 * 20, model.itemIds.slice(0, 30))).toBeLessThan(10);
    shared.dispose();
  });
});
