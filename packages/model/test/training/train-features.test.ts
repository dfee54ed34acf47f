import { evaluate } from '@gru4rec/metrics';
import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { addItems, composeItem, isComposedOf } from '../../src/item-rows.ts';
import { Learner } from '../../src/learning/learner.ts';
import { alignItems } from '../../src/training/continue.ts';
import type { EncodedItems } from '../../src/training/training-data.ts';
import {
  type Data,
  dataOf,
  engine,
  reloaded,
  tensorOf,
  tinyConfig,
  tinyData,
  trainOn,
  trainWatched,
} from '../tiny-data.ts';

const CATEGORIES = 5;
const SCALE = 0.4;

/** Every item has the category i mod 5, and every third item one more feature; the first two have none. */
function featuresOf(items: number): EncodedItems {
  const table = new Int32Array(2 * items).fill(-1);
  for (let item = 2; item < items; item++) {
    table[2 * item] = item % CATEGORIES;
    if (item % 3 === 0) table[2 * item + 1] = CATEGORIES;
  }
  return { vocabulary: { columns: [], mostPerItem: 2 }, count: CATEGORIES + 1, perItem: 2, table };
}

/** The tiny data with two more items that nobody clicks. */
function shopData(): Data {
  const data = tinyData();
  const itemIds = [...data.itemIds, 'cold-1', 'cold-2'];
  const support = Int32Array.from(itemIds, (_, item) => data.support[item] ?? 0);
  return { ...data, itemIds, support, itemFeatures: async () => featuresOf(itemIds.length) };
}

/** Expects rows that are an item's own plus rows of another table, each so many times, and the offset of the last two items. */
function expectComposed(
  model: Gru4Rec,
  tables: Readonly<Record<string, number>>,
  added: string,
  rowsOf: (item: number) => (readonly [row: number, times: number])[],
): void {
  for (const [name, cols] of Object.entries(tables)) {
    const [own, rows] = [tensorOf(model, `own.${name}`), tensorOf(model, `${added}.${name}`)];
    expect(rows.some((value) => value !== 0)).toBe(true);
    for (const [at, value] of tensorOf(model, name).entries()) {
      const [item, c] = [Math.floor(at / cols), at % cols];
      const offset = name === 'by' && item >= model.itemIds.length - 2 ? 0.25 : 0;
      const start = Number(own[at]) + offset;
      const sum = rowsOf(item).reduce(
        (all, [row, times]) => all + times * Number(rows[row * cols + c]),
        start,
      );
      expect(value).toBeCloseTo(sum, 5);
    }
  }
}

const values = { itemFeatures: ['category'], itemFeatureScale: SCALE, layers: [8], learningRate: 0.05 };

describe.each([{ constrainedEmbedding: true }, { constrainedEmbedding: false, embedding: 5 }])(
  'train with features of items, %j',
  async (input) => {
    const data = shopData();
    const items = data.itemIds.length;
    const config = tinyConfig({ ...values, ...input, coldItemOffset: 0.25 });
    const model = await trainOn(data, config);
    const cold1 = items - 2;

    it("composes an item's row and the rows of its features", () => {
      const { table } = featuresOf(items);
      const tables = { ...(input.embedding && { E: 5 }), Wy: 8, by: 1 };
      expectComposed(model, tables, 'features', (item) =>
        Array.from(table.subarray(2 * item, 2 * item + 2), (feature) => [
          Math.max(0, feature),
          Number(feature >= 0),
        ]),
      );
      expect(
        tensorOf(model, 'own.Wy')
          .subarray(cold1 * 8)
          .every((value) => value === 0),
      ).toBe(true);
    });

    it('is kept by folders, and scores alike', async () => {
      const loaded = await reloaded(model);
      expect(loaded.tensors).toEqual(model.tensors);
      expect(loaded.vocabulary).toEqual(model.vocabulary);
      const options = { cutoffs: [20], tieRule: 'standard' } as const;
      expect(evaluate(loaded.scorer(), data.train, options)).toEqual(
        evaluate(model.scorer(), data.train, options),
      );
    });

    it('has the bits of an undisturbed run when it is resumed, and of all that it had when it is continued', async () => {
      const { snapshots } = await trainWatched(data, config);
      const resumed = await trainOn(data, config, { resume: snapshots[0] });
      expect(resumed.tensors).toEqual(model.tensors);
      const more = await trainOn(alignItems(model.itemIds, data).data, config, { from: model });
      expect(more.history).toHaveLength(2 * config.nEpochs);
      expect(
        tensorOf(more, 'own.Wy')
          .subarray(cold1 * 8)
          .every((value) => value === 0),
      ).toBe(true);
    });

    it('refuses another vocabulary, scale or data without features to continue with', async () => {
      const from = model;
      const other = { ...values, ...input, itemFeatureScale: 1 };
      await expect(trainOn(data, other, { from })).rejects.toThrow('"itemFeatureScale" expected 0.4');
      const { itemFeatures: _, ...without } = data;
      await expect(trainOn(without, config)).rejects.toThrow(
        '"itemFeatures" expected a dataset with an items file',
      );
      const similar = { parts: ['network', 'similar-attributes'], holdOut: 0.3 };
      await expect(trainOn(data, similar)).rejects.toThrow(
        '"parts" expected no similar-attributes without features of items',
      );
    });

    it('gives items that are added later the rows, to the bit, of items that training knew', () => {
      // The same model without its last two items.
      const tensors = model.tensors.map((tensor) => {
        const rows = tensor.rows === items ? cold1 : tensor.rows;
        return { ...tensor, rows, values: tensor.values.subarray(0, rows * tensor.cols) };
      });
      const fewer = { config, history: [], itemIds: model.itemIds.slice(0, cold1), tensors };
      const features = featuresOf(items).table.subarray(2 * cold1);
      const added = addItems(fewer, { ids: ['cold-1', 'cold-2'], features });
      expect([...added.itemIds]).toEqual([...model.itemIds]);
      for (const name of ['E', 'Wy', 'by']) {
        expect(tensorOf(added, name), name).toEqual(tensorOf(model, name));
      }
      // A copy of a table is made when it is asked for, and is the same afterwards.
      expect({ ...added.tensors.find(({ name }) => name === 'Wy') }.values).toBe(tensorOf(added, 'Wy'));
      const [one, other] = [new Gru4Rec({ ...added, engine }), model].map((of) => {
        const session = of.startSession();
        session.click('cold-1');
        return session.recommend(items);
      });
      expect(one).toEqual(other);
    });

    it('composes an item anew whose features have changed', () => {
      const { table } = featuresOf(items);
      const featuresAt = (item: number) => table.slice(2 * item, 2 * item + 2);
      const all = Array.from({ length: items }, (_, item) => item);
      expect(all.every((item) => isComposedOf(model, item, featuresAt(item)))).toBe(true);
      expect(isComposedOf(model, 4, featuresAt(9))).toBe(false);
      const added = addItems(model, { ids: [String(model.itemIds.at(4))], features: featuresAt(9) });
      expect(added.itemIds).toHaveLength(items);
      const [before, own] = [tensorOf(model, 'Wy'), tensorOf(model, 'own.Wy')];
      for (const [at, value] of tensorOf(added, 'Wy').entries()) {
        const [item, c] = [Math.floor(at / 8), at % 8];
        const feature = (of: number) => Number(tensorOf(model, 'features.Wy')[of * 8 + c]);
        const expected = Number(own[at]) + feature(9 % CATEGORIES) + feature(CATEGORIES);
        if (item === 4) expect(value).toBeCloseTo(expected, 5);
        else expect(value).toBe(before[at]);
      }
    });

    it('gives a learner items with the rows of their features, which it then learns', () => {
      const learner = new Learner(model, { engine });
      const ids = Array.from({ length: 300 }, (_, at) => `new-${at}`);
      const rows = ids.map((_, at) => composeItem(model, -1, Int32Array.of(at % CATEGORIES)));
      // More than a learner has spare rows for.
      const given = ids.map((id, at) => [id, rows[at] as (typeof rows)[0]] as const);
      expect([learner.addItems(given), learner.addItems(given)]).toEqual([300, 0]);
      const wideOf = (of: Pick<Gru4Rec, 'tensors'>, item: number) =>
        tensorOf(of, 'Wy').subarray(8 * item, 8 * (item + 1));
      const before = learner.model();
      for (const at of [0, 1, 299]) expect(wideOf(before, items + at)).toEqual(rows[at]?.get('Wy'));
      expect(wideOf(before, 3)).toEqual(wideOf(model, 3));
      for (let session = 0; session < 20; session++) {
        for (const [at, item] of [String(model.itemIds.at(3)), 'new-1'].entries())
          learner.learn([{ session: `s${session}`, item, timeMs: 1000 * session + at }]);
      }
      learner.flush();
      const after = learner.model();
      expect(wideOf(after, items + 1)).not.toEqual(rows[1]?.get('Wy'));
      expect(wideOf(after, items + 2)).toEqual(rows[2]?.get('Wy'));
      expect(after.itemIds).toHaveLength(items + 300);
      const state = learner.state();
      learner.dispose();
      const again = new Learner(after, { engine, state });
      expect(again.model().tensors).toEqual(after.tensors);
      again.dispose();
    });

    it('is learnt on from its composed rows', () => {
      const learner = new Learner(model, { engine });
      const learnt = learner.model();
      learner.dispose();
      expect(learnt.config.itemFeatures).toEqual([]);
      expect(tensorOf(learnt, 'Wy')).toEqual(tensorOf(model, 'Wy'));
      expect(tensorOf(learnt, 'Wy.acc')).toEqual(tensorOf(model, 'own.Wy.acc'));
      expect(learnt.tensors.some(({ name }) => name.startsWith('own.') || name.startsWith('features.'))).toBe(
        false,
      );
    });
  },
);

/** Sessions of one category each, over 60 items, and an item without clicks of each category. */
function categoryData(): Data {
  const random = new RandomStream(5, 'train-features');
  const itemIds = Array.from({ length: 60 + CATEGORIES }, (_, item) => `item-${item}`);
  const sessions = Array.from({ length: 300 }, (_, session) =>
    Array.from({ length: 4 }, () => {
      return `item-${(session % CATEGORIES) + CATEGORIES * random.nextBelow(60 / CATEGORIES)}`;
    }),
  );
  const table = Int32Array.from(itemIds, (_, item) => item % CATEGORIES);
  const encoded = { vocabulary: {}, count: CATEGORIES, perItem: 1, table };
  return { ...dataOf(itemIds, sessions), itemFeatures: async () => encoded };
}

describe('train on items without clicks', () => {
  it('gives them the least bias and rows of zeros', async () => {
    const data = shopData();
    const model = await trainOn(data, { layers: [8], constrainedEmbedding: true });
    const [by, table] = [tensorOf(model, 'by'), tensorOf(model, 'Wy')];
    const least = Math.min(...by.subarray(0, -2));
    expect(Array.from(by.subarray(-2))).toEqual([least, least]);
    expect(table.subarray(-16).every((value) => value === 0)).toBe(true);
  });

  it('finds them by their features, with an offset that is fitted to held-out clicks', async () => {
    const data = categoryData();
    const config = { ...values, holdOut: 0.3, nEpochs: 4 };
    const model = await trainOn(data, config);
    const [offset = 0] = tensorOf(model, 'features.coldOffset');
    expect(offset).not.toBe(0);
    const without = await trainOn(data, { ...config, coldItemOffset: 0 });
    const difference = tensorOf(model, 'by').map(
      (bias, item) => bias - Number(tensorOf(without, 'by')[item]),
    );
    expect(difference.at(-1)).toBeCloseTo(offset, 5);
    expect(difference[0]).toBe(0);
    const session = model.startSession();
    session.click('item-12');
    const { items } = session.rank(['item-60', 'item-61', 'item-62', 'item-63', 'item-64']);
    expect(items[0]?.id).toBe('item-62');
  });

  it('gives them a lower offset the less recall they may cost', async () => {
    const offsetAt = async (coldItemLoss: number) => {
      const config = { ...values, itemFeatureScale: 0.01, holdOut: 0.3, nEpochs: 4, coldItemLoss };
      const [offset = 0] = tensorOf(await trainOn(categoryData(), config), 'features.coldOffset');
      return offset;
    };
    expect(await offsetAt(0)).toBeLessThan(await offsetAt(1));
  });
});

const WIDTH = 3;

describe('train with vectors of items', async () => {
  const { itemFeatures: _, ...data } = shopData();
  const items = data.itemIds.length;
  /** The item before the last has no vector. */
  const vectors = Float32Array.from({ length: items * WIDTH }, (_, at) =>
    Math.floor(at / WIDTH) === items - 2 ? 0 : Math.cos(at),
  );
  const vocabulary = { columns: [], mostPerItem: 0, vectors: { columns: ['text'], width: WIDTH } };
  const encoded = { vocabulary, count: 0, perItem: 0, table: new Int32Array(), width: WIDTH, vectors };
  const described = { ...data, itemFeatures: async () => encoded };
  const config = tinyConfig({
    ...{ layers: [8], learningRate: 0.05, constrainedEmbedding: false, embedding: 5, coldItemOffset: 0.25 },
    ...{ itemVectors: ['text'], itemFeatureScale: SCALE },
  });
  const model = await trainOn(described, config);
  const vectorOf = (item: number) => vectors.slice(item * WIDTH, (item + 1) * WIDTH);

  it("composes an item's row and its vector times the learnt matrix", () => {
    expectComposed(model, { E: 5, Wy: 8, by: 1 }, 'features.vectors', (item) => [
      ...vectorOf(item).entries(),
    ]);
    expect(model.tensors.some(({ name }) => name === 'features.vectors')).toBe(false);
  });

  it('is kept by folders, resumed with its bits, and continued with its matrix', async () => {
    const loaded = await reloaded(model);
    expect(loaded.tensors).toEqual(model.tensors);
    expect(loaded.vocabulary).toEqual(vocabulary);
    const {
      snapshots: [snapshot],
    } = await trainWatched(described, config);
    expect((await trainOn(described, config, { resume: snapshot })).tensors).toEqual(model.tensors);
    // Other vectors are other data.
    const other = { ...data, itemFeatures: async () => ({ ...encoded, vectors: vectors.map((x) => -x) }) };
    await expect(trainOn(other, config, { resume: snapshot })).rejects.toThrow('"resume" expected');
    const reversed = { ...described, itemIds: [...data.itemIds].reverse() };
    const aligned = alignItems(model.itemIds, reversed).data;
    const moved = await aligned.itemFeatures?.();
    expect(moved?.vectors?.subarray(0, WIDTH)).toEqual(vectorOf(items - 1));
    const more = await trainOn(alignItems(model.itemIds, described).data, config, { from: loaded });
    expect(more.history).toHaveLength(2 * config.nEpochs);
    const without = { ...config, itemVectors: [] };
    await expect(trainOn(described, without, { from: model })).rejects.toThrow('"itemVectors" expected');
  });

  it('refuses data without an items file, or with another number of vectors', async () => {
    await expect(trainOn(data, config)).rejects.toThrow(
      '"itemVectors" expected a dataset with an items file, got one without',
    );
    const short = { ...data, itemFeatures: async () => ({ ...encoded, vectors: vectors.slice(3) }) };
    await expect(trainOn(short, config)).rejects.toThrow(`"itemVectors" expected ${items} vectors`);
  });
});
