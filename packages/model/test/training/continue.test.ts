import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { alignItems, checkContinued } from '../../src/training/continue.ts';
import { areOnDisk } from '../../src/training/training-data.ts';
import { dataOf, inBlocks, reference, tensorOf, tinyConfig, trainOn, trainTiny } from '../tiny-data.ts';

const old = dataOf([...'abc'], [[...'abc'], [...'ba'], [...'cba']]);
/** Items in another order; `c` is gone, `x` and `y` are new. */
const fresh = dataOf([...'xbya'], [[...'xb'], [...'yax'], [...'bab']]);

describe('alignItems', () => {
  const { data, newItems, absentItems } = alignItems(old.itemIds, fresh);

  it('keeps the indices of known items and adds new ones at the end', () => {
    expect(data.itemIds.slice()).toEqual(['a', 'b', 'c', 'x', 'y']);
    expect({ newItems, absentItems }).toEqual({ newItems: 2, absentItems: 1 });
    const named = Array.from(data.train.items, (index) => data.itemIds.at(index));
    expect(named).toEqual(Array.from(fresh.train.items, (index) => fresh.itemIds.at(index)));
    expect(Array.from(data.support)).toEqual([2, 3, 0, 2, 1]);
  });

  it('renumbers other splits as well', () => {
    const split = { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(0, 3) };
    const aligned = alignItems(old.itemIds, { ...fresh, validation: split }).data;
    expect(Array.from(aligned.validation.items)).toEqual([3, 0]);
    expect(Array.from(split.items)).toEqual([0, 3]);
  });

  it('renumbers sessions on disk when they are read, and changes their name', async () => {
    const { onDisk, inMemory } = inBlocks(fresh, 2);
    const [read, whole] = [onDisk, inMemory].map((given) => alignItems(old.itemIds, given).data.train);
    if (!read || !areOnDisk(read) || !whole || areOnDisk(whole))
      throw new TypeError('another kind of sessions');
    expect((await read.read(0)).items).toEqual(whole.items.slice(0, 5));
    expect(read.checksum).toBe(whole.checksum);
    expect(read.checksum).not.toBe(inMemory.train.checksum);
    expect(alignItems(['b'], onDisk).data.train.checksum).not.toBe(read.checksum);
  });

  it('does not change data with the same items', () => {
    const same = alignItems(old.itemIds, old);
    expect(same).toMatchObject({ newItems: 0, absentItems: 0 });
    expect({ ...same.data, itemIds: same.data.itemIds.slice() }).toEqual(old);
  });
});

const config = { batchSize: 2, nSample: 4, momentum: 0.3 };

describe('train from a model', () => {
  it.each([
    { dropoutPHidden: 0.2, sessionOrder: 'shuffled' },
    // Its steps are counted.
    { optimizer: 'adam', learningRate: 0.01 },
  ])('continues bit for bit as if it had not stopped: %j', async (values) => {
    const whole = await trainTiny({ ...values, nEpochs: 4 });
    const first = await trainTiny(values);
    const rest = await trainTiny(values, { from: first });
    expect(rest.tensors).toEqual(whole.tensors);
    expect(rest.history.map((r) => r.epoch)).toEqual([1, 2, 3, 4]);
    expect(rest.history.map((r) => r.loss)).toEqual(whole.history.map((r) => r.loss));
  });

  it('keeps the rows of items missing from the new data, and draws rows for new ones', async () => {
    const model = await trainOn(old, config);
    const { data } = alignItems(model.itemIds, fresh);
    const grown = await trainOn(data, config, { engine: reference, from: model });
    expect(grown.itemIds.slice()).toEqual(['a', 'b', 'c', 'x', 'y']);
    const [before, after] = [tensorOf(model, 'Wy'), tensorOf(grown, 'Wy')];
    const row = (values: Float32Array, i: number) => values.slice(i * 12, (i + 1) * 12);
    expect(row(after, 2)).toEqual(row(before, 2));
    expect(row(after, 0)).not.toEqual(row(before, 0));
    expect(row(after, 4).every((x) => x !== 0)).toBe(true);
    expect(tensorOf(grown, 'by')).toHaveLength(5);
    expect(tensorOf(grown, 'Wy.acc')).toHaveLength(5 * 12);
  });

  it('draws new rows for one-hot and separate tables too', async () => {
    for (const embedding of [0, 5]) {
      const other = { batchSize: 2, nSample: 4, constrainedEmbedding: false, embedding };
      const model = await trainOn(old, other);
      const { data } = alignItems(model.itemIds, fresh);
      const grown = await trainOn(data, other, { from: model });
      const table = embedding === 0 ? 'layer0.Wr' : 'E';
      const values = tensorOf(grown, table);
      expect(values.length / 5).toBe(tensorOf(model, table).length / 3);
      expect(values.slice((values.length / 5) * 3).every((x) => x !== 0)).toBe(true);
    }
  });

  it('starts missing slots at 0', async () => {
    const model = await trainTiny();
    const run = trainTiny({ momentum: 0.2 }, { from: model });
    expect(tensorOf(await run, 'Wy.mom')).toHaveLength(30 * 12);
  });

  it('refuses data that lack items of the model, or have them in another order', async () => {
    const model = await trainOn(old, config);
    const fewer = dataOf(['a', 'b'], [[...'aba'], [...'ba']]);
    await expect(trainOn(fewer, config, { from: model })).rejects.toThrow(
      'train: "Wy" of the model to continue expected [2, 12], got [3, 12]',
    );
    const swapped = { ...old, itemIds: ['b', 'a', 'c'] };
    await expect(trainOn(swapped, config, { from: model })).rejects.toThrow(
      'train: "itemIds" expected "a" at index 0 as in the model to continue, got "b". Use alignItems.',
    );
  });
});

describe('checkContinued', () => {
  it.each([
    ['layers', [13]],
    ['cell', 'lstm'],
    ['gru', 'reset-after'],
    ['constrainedEmbedding', false],
    ['embedding', 7],
    ['hiddenAct', 'relu'],
    ['optimizer', 'sgd'],
    ['parts', ['network', 'repeats']],
  ])('refuses another %s', (key, value) => {
    const separate = key === 'embedding' ? { constrainedEmbedding: false } : {};
    const check = () => checkContinued(tinyConfig(separate), tinyConfig({ ...separate, [key]: value }));
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(`configuration: "${key}" expected`);
  });

  it('refuses another number of items that parts read, which only a model with such parts depends on', () => {
    const lengths = (...parts: string[]) => [3, 4].map((repeatLength) => tinyConfig({ parts, repeatLength }));
    const [had, got] = lengths('network', 'repeats');
    expect(() => had && got && checkContinued(had, got)).toThrow('"repeatLength" expected 3');
    const [without, still] = lengths('network');
    expect(() => without && still && checkContinued(without, still)).not.toThrow();
  });

  it('allows another loss, rate, batch and schedule', () => {
    const other = tinyConfig({ loss: 'bpr-max', learningRate: 0.01, batchSize: 3, warmupSteps: 5 });
    expect(() => checkContinued(tinyConfig(), other)).not.toThrow();
  });
});
