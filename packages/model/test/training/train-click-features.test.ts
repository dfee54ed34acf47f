import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { alignItems } from '../../src/training/continue.ts';
import { train } from '../../src/training/train.ts';
import type { SessionsInMemory, TrainingData } from '../../src/training/training-data.ts';
import { inBlocks, reloaded, tensorOf, tinyConfig, tinyData, trainWatched } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });
const [ITEMS, SESSIONS, LENGTH] = [12, 300, 5];
const contextColumns = [
  { name: 'type', values: ['view', 'cart', 'never'], isType: true },
  { name: 'device', values: ['phone', 'desk'] },
];

type ClickData = TrainingData & { readonly itemIds: readonly string[]; readonly train: SessionsInMemory };

/** After a view of item i comes item i + 1, after a cart item i + 5; the device says nothing, and every ninth is missing. */
function clickData(seed = 5): ClickData {
  const random = new RandomStream(seed, 'train-click-features');
  const items = new Int32Array(SESSIONS * LENGTH);
  const context = new Int32Array(2 * items.length);
  for (let at = 0; at < items.length; at++) {
    const type = random.nextBelow(2);
    context.set([type, at % 9 === 0 ? -1 : random.nextBelow(2)], 2 * at);
    const step = context[2 * (at - 1)] === 1 ? 5 : 1;
    items[at] = at % LENGTH === 0 ? random.nextBelow(ITEMS) : (Number(items[at - 1]) + step) % ITEMS;
  }
  const itemIds = Array.from({ length: ITEMS }, (_, item) => `item-${item}`);
  const support = new Int32Array(ITEMS);
  for (const item of items) support[item] = 1 + Number(support[item]);
  const sessionOffsets = Int32Array.from({ length: SESSIONS + 1 }, (_, session) => session * LENGTH);
  const sessionStartTimes = Float64Array.from({ length: SESSIONS }, (_, session) => session);
  return { itemIds, support, train: { sessionOffsets, items, context, sessionStartTimes }, contextColumns };
}

const values = {
  clickFeatures: ['device', 'type'],
  clickFeatureScale: 1,
  layers: [8],
  nEpochs: 4,
  nSample: 8,
};
const options = { cutoffs: [1], tieRule: 'standard' } as const;
const recall = (model: Gru4Rec, of: ClickData, columns: TrainingData['contextColumns'] = contextColumns) =>
  Number(evaluate(model.scorer(columns), of.train, options).results[0]?.recall);

describe.each([{ constrainedEmbedding: true }, { constrainedEmbedding: false, embedding: 6 }])(
  'train with features of clicks, %j',
  async (input) => {
    const data = clickData();
    const config = tinyConfig({ ...values, ...input });
    const model = await train(data, config, { engine });

    it('scores clicks with different features differently', async () => {
      const plain = await train(data, tinyConfig({ ...values, ...input, clickFeatures: [] }), { engine });
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
      const loaded = await reloaded(model, engine);
      expect(loaded.tensors).toEqual(model.tensors);
      expect(loaded.clickVocabulary).toEqual(model.clickVocabulary);
      expect(recall(loaded, data)).toBe(recall(model, data));
    });

    it('does not score without its vocabulary', () => {
      const { itemIds, history, tensors, clickVocabulary } = model;
      const parts = { engine, config: model.config, itemIds, history, tensors };
      const without = new Gru4Rec(parts);
      const message =
        'new Gru4Rec: "clickVocabulary" expected the values of clickFeatures (device, type), got none. Take it from the model with these tensors.';
      expect(() => without.scorer()).toThrow(message);
      expect(() => without.startSession().click('item-1')).toThrow(message);
      expect(recall(new Gru4Rec({ ...parts, clickVocabulary }), data)).toBe(recall(model, data));
    });

    it('has the bits of an undisturbed run when it is resumed, and of sessions read from disk', async () => {
      const { snapshots } = await trainWatched(data, config, { engine });
      const resumed = await train(data, config, { engine, resume: snapshots[0] });
      expect(resumed.tensors).toEqual(model.tensors);
      const { inMemory, onDisk } = inBlocks(data, 7);
      for (const holdOut of [0, 0.3]) {
        const held = { ...config, holdOut };
        const whole = await train(inMemory, held, { engine });
        expect((await train(onDisk, held, { engine })).tensors).toEqual(whole.tensors);
      }
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
      const again = await train(alignItems(from.itemIds, data).data, more, { engine, from });
      const other = await train(alignItems(from.itemIds, turned).data, more, { engine, from });
      expect(other.tensors).toEqual(again.tensors);
      expect(recall(model, turned, turned.contextColumns)).toBe(recall(model, data));
      await expect(train(data, { ...more, clickFeatures: ['type'] }, { engine, from })).rejects.toThrow(
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

    it('works together with features of items and the other parts', async () => {
      const table = Int32Array.from({ length: ITEMS }, (_, item) => item % 3);
      const encoded = { vocabulary: { columns: [] }, count: 3, perItem: 1, table };
      const times = BigInt64Array.from(data.train.items, (_, at) => BigInt(1000 * at));
      const shop = { ...data, train: { ...data.train, times }, itemFeatures: async () => encoded };
      const parts = ['network', 'repeats', 'co-occurrences', 'similar-attributes', 'recent-clicks'];
      const all = { itemFeatures: ['category'], parts, holdOut: 0.3 };
      const trained = await train(shop, tinyConfig({ ...values, ...input, ...all }), { engine });
      expect(tensorOf(trained, 'features.Wy').some((value) => value !== 0)).toBe(true);
      expect(recall(trained, data)).toBeGreaterThan(0.5);
    });
  },
);

describe('train on data without features of clicks', () => {
  it('has the bits of data without context, and ignores the context', async () => {
    const data = clickData();
    const { context: _, ...plain } = data.train;
    const config = tinyConfig({ layers: [8] });
    const model = await train(data, config, { engine });
    expect((await train({ ...data, train: plain }, config, { engine })).tensors).toEqual(model.tensors);
    const validation = data.train;
    const watched = await train(data, config, { engine, validation });
    expect(watched.tensors).toEqual(model.tensors);
  });

  it('refuses what the data lack in one line', async () => {
    const data = clickData();
    const config = (keys: object) => tinyConfig({ layers: [8], ...keys });
    const refusal = async (keys: object, of: TrainingData = data) =>
      String(await train(of, config(keys), { engine }).catch((error: Error) => error.message));
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
    expect(() => config(oneHot)).toThrow('"clickFeatures" expected [] with one-hot input');
    const model = await train(data, config({ clickFeatures: ['type'] }), { engine });
    expect(() => model.scorer().open(1)).toThrow('expected clicks with the column "type", got none.');
    expect(() => model.scorer(contextColumns).open(2).step(Int32Array.of(1, 2), new Float32Array(2))).toThrow(
      'step: "context" expected 1 features per click, as the model has clickFeatures, got 0.',
    );
  });
});

describe('train on targets of some types', () => {
  it('predicts those, and takes all clicks as input', async () => {
    const data = clickData();
    const keys = { layers: [8], nEpochs: 4, nSample: 8, clickFeatures: ['type'], clickFeatureScale: 1 };
    const model = await train(data, tinyConfig({ ...keys, targetTypes: ['cart'] }), { engine });
    expect(model.config.targetTypes).toEqual(['cart']);
    const all = await train(data, tinyConfig({ ...keys, targetTypes: ['view', 'cart'] }), { engine });
    const none = await train(data, tinyConfig(keys), { engine });
    // Every click has one of both types: all targets count, in other programs.
    expect(recall(all, data)).toBeCloseTo(recall(none, data), 1);
    expect(recall(model, data)).toBeGreaterThan(0.5);
    expect(model.history[0]?.loss).not.toBe(none.history[0]?.loss);
    const { inMemory, onDisk } = inBlocks(data, 7);
    const config = tinyConfig({ ...keys, targetTypes: ['cart'], nEpochs: 1 });
    const reference = createReferenceEngine();
    const whole = await train(inMemory, config, { engine: reference });
    expect((await train(onDisk, config, { engine: reference })).tensors).toEqual(whole.tensors);
  });
});
