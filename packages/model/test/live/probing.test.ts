import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { RandomStream } from '@gru4rec/random';
import { expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
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

it.each([{}, { repeatBias: 'constant', repeatLength: 2 }])(
  'finds what lists must read for 99 % of the items of exact lists: %o',
  async (values) => {
    const model = await grown(groups(), values);
    const sessionOf = (item: number) => {
      const session = model.startSession();
      session.click(`item-${item}`);
      return session.top(20).map(({ itemId }) => itemId);
    };
    const exact = Array.from({ length: 50 }, (_, item) => sessionOf(item));
    const probing = model.probe();
    expect(probing?.share).toBeLessThanOrEqual(0.04);
    expect(probing?.recall).toBeGreaterThanOrEqual(0.99);
    expect(probing?.recall).toBeLessThanOrEqual(1);
    const found = exact.flatMap((list, item) => {
      const own = new Set(sessionOf(item));
      return list.map((itemId) => Number(own.has(itemId)));
    });
    expect(found.reduce((sum, one) => sum + one, 0) / found.length).toBeGreaterThan(0.95);
    // A new runtime has the same groups.
    const before = sessionOf(7);
    model.dispose();
    expect(sessionOf(7)).toEqual(before);
    model.dispose();
  },
);

it('leaves lists exact where the engine has no groups or too few items', async () => {
  const few = await grown(createWasmEngine({ threads: 1 }));
  expect(few.probe()).toBeUndefined();
  const plain = (await trainLive())(createReferenceEngine());
  expect(plain.probe()).toBeUndefined();
  few.dispose();
});
