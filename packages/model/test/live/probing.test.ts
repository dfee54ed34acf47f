import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import type { LiveEngine } from '../../src/live/live-engine.ts';
import { probeLists } from '../../src/live/probing.ts';
import { reference } from '../tiny-data.ts';
import { trainLive } from './live-models.ts';

const ITEMS = 4000;

/** A trained model of 30 items, with as many copies of each as `ITEMS` has, a little apart. */
async function grown(
  engine: Parameters<Awaited<ReturnType<typeof trainLive>>>[0],
  values = {},
): Promise<Gru4Rec> {
  const { config, history, tensors } = (await trainLive({ constrainedEmbedding: true, ...values }))();
  const random = new RandomStream(1, 'grown');
  const many = tensors.map((tensor) => {
    if (tensor.rows !== 30) return tensor;
    const values = Float32Array.from({ length: ITEMS * tensor.cols }, (_, at) => {
      return (tensor.values[at % tensor.values.length] ?? 0) + 0.05 * random.nextNormal();
    });
    return { ...tensor, rows: ITEMS, values };
  });
  const itemIds = Array.from({ length: ITEMS }, (_, item) => `item-${item}`);
  return new Gru4Rec({ config, history, engine: engine ?? createWasmEngine(), itemIds, tensors: many });
}

const groups = () => createWasmEngine({ threads: 1, screenFrom: 0, groupFrom: 100 });

/** The list of a session of one item. */
function listAfter(model: Gru4Rec, item: number): string[] {
  const session = model.startSession();
  session.click(`item-${item}`);
  return session.recommend(20).map(({ id }) => id);
}

/** The part of the items of exact lists that lists have. */
function partOf(exact: readonly string[][], lists: readonly string[][]): number {
  const found = exact.flatMap((list, at) => list.map((itemId) => Number(lists[at]?.includes(itemId))));
  return found.reduce((sum, one) => sum + one, 0) / found.length;
}

it.each([{}, { parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 2 }])(
  'finds what lists must read for 99 % of the items of exact lists: %o',
  async (values) => {
    const model = await grown(groups(), values);
    const lists = () => Array.from({ length: 50 }, (_, item) => listAfter(model, item));
    const exact = lists();
    const probing = model.probe();
    expect(probing?.share).toBeLessThanOrEqual(0.04);
    expect(probing?.recall).toBeGreaterThanOrEqual(0.99);
    expect(probing?.recall).toBeLessThanOrEqual(1);
    expect(probing?.recallP5).toBeGreaterThanOrEqual(0.9);
    expect(partOf(exact, lists())).toBeGreaterThan(0.95);
    // A new runtime has the same groups.
    const before = listAfter(model, 7);
    model.dispose();
    expect(listAfter(model, 7)).toEqual(before);
    model.dispose();
  },
);

/**
 * A model whose popular items lead to states in the first directions. A tenth of its items have values in the others too, and lead
 * to states there.
 */
async function withRareDirections(engine: Engine): Promise<Gru4Rec> {
  const [items, units] = [40_000, 8];
  const { config, history, tensors } = (await trainLive({ layers: [units], constrainedEmbedding: false }))();
  const random = new RandomStream(1, 'rare-directions');
  const isRare = (item: number) => item % 10 === 0;
  const many = tensors.map(({ name, rows, cols, ...tensor }) => {
    const valueAt = (item: number, unit: number): number => {
      const isFirst = unit < units / 2;
      // Too small for the lists of popular sessions.
      if (name === 'Wy' && isFirst && isRare(item)) return 3 * random.nextFloat() - 1.5;
      if (name === 'Wy') return isFirst || isRare(item) ? random.nextNormal() : 0;
      // The update gate is open: a state is the tanh of the last item's row of Wn.
      if (name === 'layer0.Wn') return isFirst !== isRare(item) ? random.nextNormal() : 0;
      return name === 'layer0.bz' ? 9 : 0;
    };
    const length = (rows === 30 ? items : rows) * cols;
    const values = Float32Array.from({ length }, (_, at) => valueAt(Math.floor(at / cols), at % cols));
    return { ...tensor, name, cols, rows: length / cols, values };
  });
  const itemIds = Array.from({ length: items }, (_, item) => `item-${item}`);
  const recentClicks = Float32Array.from(itemIds, (_, item) => Number(!isRare(item)));
  return new Gru4Rec({ config, history, engine, itemIds, recentClicks, tensors: many });
}

it('keeps the items of exact lists in sessions that popular items do not lead to', async () => {
  const model = await withRareDirections(groups());
  const lists = () => Array.from({ length: 50 }, (_, at) => listAfter(model, 10 * at));
  const exact = lists();
  model.probe();
  expect(partOf(exact, lists())).toBeGreaterThan(0.95);
  model.dispose();
});

it.each([
  [16, undefined],
  [32, { share: 0.0025, recall: expect.closeTo(1 - 0.15 / 32, 9), recallP5: 1 }],
])('requires 18 of 20 items in 95 of 100 lists: one in %i has 17', (every, probing) => {
  let isGrouped = false;
  const listOf = (at: number) => {
    const missing = isGrouped && at % every === 0 ? 3 : 0;
    return { items: Int32Array.from({ length: 20 }, (_, place) => (place < missing ? -1 : place)) };
  };
  const live = {
    stateLength: 1,
    advance: () => undefined,
    best: (states: readonly Float32Array[]) => states.map((_, at) => listOf(at)),
    group: () => {
      isGrouped = true;
      return true;
    },
    ungroup: () => undefined,
    probe: () => undefined,
  } as unknown as LiveEngine;
  expect(probeLists(live, new Float32Array(20).fill(1))).toEqual(probing);
});

it('leaves lists exact where the engine has no groups or too few items', async () => {
  const few = await grown(createWasmEngine({ threads: 1 }));
  expect(few.probe()).toBeUndefined();
  const plain = (await trainLive())(reference);
  expect(plain.probe()).toBeUndefined();
  few.dispose();
});
