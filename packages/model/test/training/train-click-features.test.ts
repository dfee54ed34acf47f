import { evaluate } from '@gru4rec/metrics';
import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { alignItems } from '../../src/training/continue.ts';
import type { TrainingData } from '../../src/training/training-data.ts';
import {
  type Data,
  dataOf,
  engine,
  inBlocks,
  reloaded,
  tensorOf,
  tinyConfig,
  tinyData,
  trainOn,
  trainWatched,
} from '../tiny-data.ts';

const [ITEMS, SESSIONS, LENGTH] = [12, 200, 5];
const contextColumns = [
  { name: 'type', values: ['view', 'cart', 'never'], isType: true },
  { name: 'device', values: ['phone', 'desk'] },
];

/** After a view of item i comes item i + 1, after a cart item i + 5; the device says nothing, and every ninth is missing. */
function clickData(): Data {
  const random = new RandomStream(5, 'train-click-features');
  const items: number[] = [];
  const context: number[] = [];
  for (let at = 0; at < SESSIONS * LENGTH; at++) {
    const type = random.nextBelow(2);
    context.push(type, at % 9 === 0 ? -1 : random.nextBelow(2));
    const step = context[2 * (at - 1)] === 1 ? 5 : 1;
    items.push(at % LENGTH === 0 ? random.nextBelow(ITEMS) : (Number(items[at - 1]) + step) % ITEMS);
  }
  const itemIds = Array.from({ length: ITEMS }, (_, item) => `item-${item}`);
  const sessions = Array.from({ length: SESSIONS }, (_, session) =>
    items.slice(session * LENGTH, (session + 1) * LENGTH).map((item) => `item-${item}`),
  );
  const { train, ...data } = dataOf(itemIds, sessions);
  return { ...data, train: { ...train, context: Int32Array.from(context) }, contextColumns };
}

const data = clickData();
const values = {
  clickFeatures: ['device', 'type'],
  clickFeatureScale: 1,
  layers: [8],
  nEpochs: 4,
  nSample: 8,
};
const options = { cutoffs: [1], tieRule: 'standard' } as const;
const recall = (model: Gru4Rec, of: Data, columns: TrainingData['contextColumns'] = contextColumns) =>
  Number(evaluate(model.scorer(columns), of.train, options).results[0]?.recall);

describe.each([{ constrainedEmbedding: true }, { constrainedEmbedding: false, embedding: 6 }])(
  'train with features of clicks, %j',
  async (input) => {
    const model = await trainOn(data, { ...values, ...input });

    it('scores clicks with different features differently', async () => {
      const plain = await trainOn(data, { ...values, ...input, clickFeatures: [] });
      expect(recall(model, data)).toBeGreaterThan(recall(plain, data) + 0.2);
      expect(tensorOf(model, 'clicks.E')).toHaveLength(4 * (input.embedding ?? 8));
      // A value that no training click has is no feature.
      expect(model.clickVocabulary).toEqual({
        columns: [
          { name: 'device', values: ['phone', 'desk'] },
          { name: 'type', values: ['view', 'cart'], isType: true },
        ],
      });
      expect(tensorOf(plain, 'clicks.E')).toHaveLength(0);
    });

    it('is kept by folders, and scores alike', async () => {
      const loaded = await reloaded(model);
      expect(loaded.tensors).toEqual(model.tensors);
      expect(loaded.clickVocabulary).toEqual(model.clickVocabulary);
      expect(recall(loaded, data)).toBe(recall(model, data));
    });

    it('works together with features of items and the other parts', async () => {
      const table = Int32Array.from({ length: ITEMS }, (_, item) => item % 3);
      const encoded = { vocabulary: { columns: [] }, count: 3, perItem: 1, table };
      const times = BigInt64Array.from(data.train.items, (_, at) => BigInt(1000 * at));
      const shop = { ...data, train: { ...data.train, times }, itemFeatures: async () => encoded };
      const parts = ['network', 'repeats', 'co-occurrences', 'similar-attributes', 'recent-clicks'];
      const all = { itemFeatures: ['category'], parts, holdOut: 0.3 };
      const trained = await trainOn(shop, { ...values, ...input, ...all });
      expect(tensorOf(trained, 'features.Wy').some((value) => value !== 0)).toBe(true);
      expect(recall(trained, data)).toBeGreaterThan(0.5);
    });
  },
);

describe('a model with features of clicks', async () => {
  const config = tinyConfig({ ...values, constrainedEmbedding: false, embedding: 6 });
  const model = await trainOn(data, config);

  it('does not score without its vocabulary', () => {
    const without = new Gru4Rec({ ...model, clickVocabulary: undefined, engine });
    const message =
      'new Gru4Rec: "clickVocabulary" expected the values of clickFeatures (device, type), got none. Take it from the model with these tensors.';
    expect(() => without.scorer()).toThrow(message);
    expect(() => without.startSession().click('item-1')).toThrow(message);
  });

  it('has the bits of an undisturbed run when it is resumed, and of sessions read from disk', async () => {
    const { snapshots } = await trainWatched(data, config);
    const resumed = await trainOn(data, config, { resume: snapshots[0] });
    expect(resumed.tensors).toEqual(model.tensors);
    const { inMemory, onDisk } = inBlocks(data, 7);
    const held = { ...config, holdOut: 0.3 };
    const whole = await trainOn(inMemory, held);
    expect((await trainOn(onDisk, held)).tensors).toEqual(whole.tensors);
  });

  it('goes on with its vocabulary, however the columns of new data are numbered', async () => {
    const turned = {
      ...data,
      contextColumns: [
        { name: 'city', values: ['Paris'] },
        { name: 'type', values: ['cart', 'new', 'view'] },
        { name: 'device', values: ['desk', 'phone'] },
      ],
      train: {
        ...data.train,
        context: Int32Array.from({ length: 3 * data.train.items.length }, (_, at) => {
          const [event, column] = [Math.floor(at / 3), at % 3];
          const [type = -1, device = -1] = (data.train.context ?? new Int32Array()).subarray(
            2 * event,
            2 * event + 2,
          );
          return column === 0 ? 0 : column === 1 ? ([2, 0][type] ?? -1) : device < 0 ? -1 : 1 - device;
        }),
      },
    };
    const more = { ...config, nEpochs: 1 };
    const from = model;
    const again = await trainOn(alignItems(from.itemIds, data).data, more, { from });
    const other = await trainOn(alignItems(from.itemIds, turned).data, more, { from });
    expect(other.tensors).toEqual(again.tensors);
    expect(recall(model, turned, turned.contextColumns)).toBe(recall(model, data));
    await expect(trainOn(data, { ...more, clickFeatures: ['type'] }, { from })).rejects.toThrow(
      '"clickFeatures" expected ["device","type"] as in the model that training continues',
    );
  });

  it('scores live sessions as parallel ones, and ignores what it does not know', () => {
    const scoring = model.scorer(contextColumns).open(1);
    const clicks = [
      [3, 'cart', 'phone'],
      [8, 'view', 'desk'],
      [9, 'rate', undefined],
    ] as const;
    const live = model.sessions();
    const session = model.startSession();
    let scores = new Float32Array() as Float32Array | Float64Array;
    for (const [at, [item, type, device]] of clicks.entries()) {
      const index = (column: number, value?: string) =>
        contextColumns[column]?.values.indexOf(value ?? '') ?? -1;
      const context = Int32Array.of(index(0, type), index(1, device));
      scores = scoring.step(Int32Array.of(item), Float32Array.of(at === 0 ? 1 : 0), context);
      const of = { type, ...(device && { device }), city: 'Paris' };
      session.click(`item-${item}`, of);
      live.click([{ session: 'a', item: `item-${item}`, context: of }]);
    }
    const best = Array.from(scores.keys()).sort((a, b) => Number(scores[b]) - Number(scores[a]));
    const ids = best.slice(0, 5).map((item) => `item-${item}`);
    expect(session.recommend(5).map(({ id }) => id)).toEqual(ids);
    expect(live.recommendEach(['a'], 5)[0]?.map(({ id }) => id)).toEqual(ids);
    scoring.close();
  });
});

describe('train on data without features of clicks', () => {
  it('has the bits of data without context, and ignores the context', async () => {
    const { context: _, ...plain } = data.train;
    const config = { layers: [8] };
    const model = await trainOn(data, config);
    expect((await trainOn({ ...data, train: plain }, config)).tensors).toEqual(model.tensors);
    const watched = await trainOn(data, config, { validation: data.train });
    expect(watched.tensors).toEqual(model.tensors);
  });

  it('refuses what the data lack in one line', async () => {
    const refusal = async (keys: object, of = data) =>
      String(await trainOn(of, { layers: [8], ...keys }).catch((error: Error) => error.message));
    expect(await refusal({ clickFeatures: ['city'] })).toBe(
      'configuration: "clickFeatures" expected columns that the dataset keeps of clicks, got "city", and it keeps "type", "device". ' +
        'Prepare it with the column of event types or context',
    );
    expect(await refusal({ clickFeatures: ['city'] }, tinyData())).toContain('and it keeps none.');
    expect(await refusal({ targetTypes: ['buy'] })).toBe(
      'configuration: "targetTypes" expected types of the dataset\'s clicks, "view", "cart", "never", got "buy". ' +
        'Correct the type, or leave it out',
    );
    expect(await refusal({ targetTypes: ['buy'] }, tinyData())).toContain('It keeps none: prepare it with');
    const oneHot = { clickFeatures: ['type'], constrainedEmbedding: false, embedding: 0 };
    expect(() => tinyConfig(oneHot)).toThrow('"clickFeatures" expected [] with one-hot input');
    const model = await trainOn(data, { layers: [8], clickFeatures: ['type'] });
    expect(() => model.scorer().open(1)).toThrow('expected clicks with the column "type", got none.');
    expect(() => model.scorer(contextColumns).open(2).step(Int32Array.of(1, 2), new Float32Array(2))).toThrow(
      'step: "context" expected 1 features per click, as the model has clickFeatures, got 0.',
    );
  });
});

describe('train on targets of some types', () => {
  it('predicts those, and takes all clicks as input', async () => {
    const keys = { layers: [8], nEpochs: 4, nSample: 8, clickFeatures: ['type'], clickFeatureScale: 1 };
    const model = await trainOn(data, { ...keys, targetTypes: ['cart'] });
    expect(model.config.targetTypes).toEqual(['cart']);
    const all = await trainOn(data, { ...keys, targetTypes: ['view', 'cart'] });
    const none = await trainOn(data, keys);
    // Every click has one of both types: all targets count, in other programs.
    expect(recall(all, data)).toBeCloseTo(recall(none, data), 1);
    expect(recall(model, data)).toBeGreaterThan(0.5);
    expect(model.history[0]?.loss).not.toBe(none.history[0]?.loss);
    const { inMemory, onDisk } = inBlocks(data, 7);
    const config = { ...keys, targetTypes: ['cart'], nEpochs: 1 };
    const whole = await trainOn(inMemory, config);
    expect((await trainOn(onDisk, config)).tensors).toEqual(whole.tensors);
  });
});
