import { describe, expect, it } from 'vitest';
import { FeatureVocabulary, type ItemInfo, kindsOfColumns, learnFeatures } from '../../src/items/index.ts';
import { ValueCounter } from '../../src/items/learn-features.ts';

const infoOf = (fields: Record<string, unknown>): ItemInfo => ({
  ...{ available: true, title: undefined, group: undefined, fields },
});
/** Items with these fields, repeated `times`. */
const items = (times: number, fieldsOf: (at: number) => Record<string, unknown>): ItemInfo[] =>
  Array.from({ length: times }, (_, at) => infoOf(fieldsOf(at)));
const learn = (infos: readonly (ItemInfo | undefined)[], ...columns: string[]) =>
  learnFeatures(columns, () => infos);
const namesOf = (vocabulary: FeatureVocabulary, info: ItemInfo) =>
  vocabulary.encode(info).map((feature) => vocabulary.name(feature));

describe('FeatureVocabulary', () => {
  it('numbers values by column and frequency, and folds those of fewer than five items', () => {
    const infos = [
      ...items(5, () => ({ brand: 'Puma', colour: 'red' })),
      ...items(7, () => ({ brand: 'Nike', colour: 'blue ' })),
      ...items(4, (at) => ({ brand: 'Fila', colour: at < 2 ? '' : 'red' })),
      undefined,
    ];
    const vocabulary = learn(infos, 'colour', 'brand');
    expect(Array.from({ length: vocabulary.size }, (_, feature) => vocabulary.name(feature))).toEqual([
      ...['colour=blue', 'colour=red'],
      ...['brand=Nike', 'brand=Puma', 'brand=(rare)'],
    ]);
    expect(vocabulary.encode(infos[0])).toEqual([1, 3]);
    expect(vocabulary.encode(infoOf({ brand: 'Fila' }))).toEqual([4]);
    expect(vocabulary.encode(undefined)).toEqual([]);
    expect(vocabulary.mostPerItem).toBe(2);
    expect(() => vocabulary.name(5)).toThrow('name: "feature" expected 0 to 4, got 5');
  });

  it('takes values joined by |, lists, numbers and flags as values, each once', () => {
    const tags = ['a|b | a|', ['b', 'a'], 'a', 'a|b', 'b', 7, 7, 7, 7, 7, true, {}, null];
    const vocabulary = learn(
      [...tags, ...tags].map((tag) => infoOf({ tag })),
      'tag',
    );
    expect(vocabulary.columns).toMatchObject([{ name: 'tag', kind: 'values', first: 0, size: 4 }]);
    expect(namesOf(vocabulary, infoOf({ tag: 'b|a' }))).toEqual(['tag=7', 'tag=a', 'tag=b'].slice(1));
    expect(namesOf(vocabulary, infoOf({ tag: 7 }))).toEqual(['tag=7']);
    expect(namesOf(vocabulary, infoOf({ tag: ['a', true] }))).toEqual(['tag=a', 'tag=(rare)']);
    expect(vocabulary.encode(infoOf({ tag: {} }))).toEqual([]);
  });

  it('cuts a column of more than 20 numbers at quantiles; codes stay values', () => {
    const infos = items(100, (at) => ({ price: at / 2, size: at % 20, code: `00${at % 20}` }));
    const vocabulary = learn(infos, 'price', 'size', 'code');
    expect(vocabulary.columns.map(({ kind, size }) => [kind, size])).toEqual([
      ...[['numbers', 10] as const, ['values', 20] as const, ['values', 20] as const],
    ]);
    expect([-1, 4.9, 5, 44.9, 45, '1e9'].map((price) => namesOf(vocabulary, infoOf({ price })))).toEqual([
      ...[['price<5'], ['price<5'], ['5≤price<10']],
      ...[['40≤price<45'], ['price≥45'], ['price≥45']],
    ]);
    expect(namesOf(vocabulary, infoOf({ price: 'free' }))).toEqual([]);
  });

  it('has no empty range where most numbers are equal', () => {
    const infos = items(100, (at) => ({ stock: at < 70 ? 0 : at }));
    const vocabulary = learn(infos, 'stock');
    const used = new Set(infos.flatMap((info) => vocabulary.encode(info)));
    expect(used.size).toBe(vocabulary.size);
    expect(namesOf(vocabulary, infoOf({ stock: 0 }))).toEqual(['stock<70']);
  });

  it('takes text as words, but not names of several words that repeat', () => {
    const infos = items(60, (at) => ({
      title: `Strap-Top no${at} ${at % 2 ? 'BLÅ' : 'røde'}`,
      type: ['Vest top', 'T-shirt', 'Long trousers'][at % 3],
    }));
    const vocabulary = learn(infos, 'type', 'title');
    expect(vocabulary.columns.map(({ kind }) => kind)).toEqual(['values', 'words']);
    expect(namesOf(vocabulary, infos[1] as ItemInfo)).toEqual([
      ...['type=T-shirt', 'title=strap', 'title=top', 'title=blå', 'title=(rare)'],
    ]);
    expect(vocabulary.mostPerItem).toBe(5);
  });

  it('takes at most 32 words of a text, the most frequent ones, and no more features than learnt items have', () => {
    const words = Array.from({ length: 40 }, (_, at) => `w${at}`);
    const infos = [
      ...items(50, (at) => ({ text: `${at} ${words.join(' ')}` })),
      ...items(50, (at) => ({ text: `${at} w39 w38`, brand: 'b' })),
    ];
    const vocabulary = learn(infos, 'text', 'brand');
    expect(namesOf(vocabulary, infos[0] as ItemInfo)).toContain('text=w39');
    expect(vocabulary.mostPerItem).toBe(32);
    const { fields } = infos[0] as ItemInfo;
    expect(vocabulary.encode(infoOf({ ...fields, brand: 'b' }))).toHaveLength(32);
  });

  it('names values that are no feature', () => {
    const infos = items(50, (at) => ({ brand: 'Nike', price: at, title: `shoe no${at} red` }));
    const vocabulary = learn(infos, 'brand', 'price', 'title');
    const unknown = infoOf({ brand: 'Nike|Fila', price: 'free', title: 'Red hat', other: 'x' });
    expect(vocabulary.unknown(unknown)).toEqual([
      { column: 'brand', value: 'Fila' },
      { column: 'price', value: 'free' },
      { column: 'title', value: 'hat' },
    ]);
    expect(namesOf(vocabulary, unknown)).toEqual(['brand=Nike', 'title=red', 'title=(rare)']);
    expect(vocabulary.unknown(infoOf({ price: -3 }))).toEqual([]);
  });

  it('is the same from its JSON', () => {
    const infos = items(50, (at) => ({ brand: `b${at % 7}`, price: at, title: `shoe no${at} red` }));
    const vocabulary = learn(infos, 'brand', 'price', 'title');
    const copy = FeatureVocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
    expect(copy.toJSON()).toEqual(vocabulary.toJSON());
    for (const info of infos) expect(copy.encode(info)).toEqual(vocabulary.encode(info));
    const damaged = { ...vocabulary.toJSON(), columns: [{ name: 'brand', kind: 'values' }] };
    expect(() => FeatureVocabulary.fromJSON(damaged)).toThrow(
      'The item features\' "columns.0.values" expected a list, got nothing',
    );
  });

  it('refuses columns without a value, and a column given twice', () => {
    const infos = items(5, () => ({ brand: 'x', colour: '', size: null }));
    expect(() => learn(infos, 'brnad')).toThrow(
      'No item has a value in the column "brnad". Did you mean brand? Columns with values are brand',
    );
    expect(() => learn(infos, 'colour')).toThrow('No item has a value in the column "colour". Columns');
    expect(() => learn([undefined], 'size')).toThrow('column "size". There are none');
    expect(() => learn(infos, 'brand', 'brand')).toThrow('The column "brand" is given twice');
  });
});

describe('vectors of items', () => {
  const lists = items(6, (at) => ({ brand: 'x', text: at === 2 ? null : [0.3, at] }));
  const learnVectors = (infos: readonly (ItemInfo | undefined)[], ...columns: string[]) =>
    learnFeatures([], () => infos, columns);

  it('are read from lists, texts and columns of numbers, and have length 1', () => {
    const texts = ['[0.3, 0.4]', '3|4', ' 3 4 ', [3, '4'], '[3 4]'];
    for (const text of texts) {
      const vocabulary = learnVectors([undefined, infoOf({ text })], 'text');
      expect(vocabulary.vectors).toEqual({ columns: ['text'], width: 2 });
      expect(Array.from(vocabulary.vector('a', infoOf({ text })), (x) => x.toFixed(6))).toEqual([
        ...['0.600000', '0.800000'],
      ]);
    }
    const spread = learnVectors([infoOf({ x: 0, y: '-2', z: [0, 0] })], 'x', 'y', 'z');
    expect([...spread.vector('a', infoOf({ x: 0, y: -2, z: '0 0' }))]).toEqual([0, -1, 0, 0]);
    expect([...spread.vector('a', infoOf({ x: 0, y: 0, z: [0, 0] }))]).toEqual([0, 0, 0, 0]);
  });

  it('are zeros of an item without one, and kept with features by JSON', () => {
    const vocabulary = learnFeatures(['brand'], () => lists, ['text']);
    const copy = FeatureVocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
    expect(copy).toMatchObject({ size: 1, mostPerItem: 1, columnNames: ['brand', 'text'] });
    for (const info of [vocabulary, copy].flatMap((of) => [of.vector('c', lists[2] as ItemInfo)]))
      expect([...info]).toEqual([0, 0]);
    expect(lists.map((info) => copy.hasVector(info))).toEqual([true, true, false, true, true, true]);
    expect(learn(lists, 'brand').toJSON()).not.toHaveProperty('vectors');
  });

  it('refuse another width, what is no finite number, and columns without any', () => {
    const vocabulary = learnVectors(lists, 'text');
    const messageFor = (text: unknown) => {
      expect(() => vocabulary.vector('p-1', infoOf({ text }))).toThrow(/^The item "p-1": "text" expected /);
      try {
        return vocabulary.vector('p-1', infoOf({ text })).join();
      } catch (error) {
        return (error as Error).message.replace('The item "p-1": "text" expected ', '');
      }
    };
    expect(messageFor([1, 2, 3])).toBe('2 numbers as of other items, got 3');
    expect(messageFor([1, null])).toBe('numbers, got null');
    expect(messageFor([1, 1e300])).toBe('numbers, got 1e+300');
    expect(messageFor([1, ''])).toBe('numbers, got ""');
    expect(() => learnVectors(lists, 'txet')).toThrow('No item has a vector in "txet"');
    expect(() => learnVectors([], 'a', 'b')).toThrow('No item has a vector in "a" and 1 more columns');
    expect(() => learn(lists, 'text')).toThrow(
      'The column "text" has vectors: name it in itemVectors, not in itemFeatures',
    );
  });
});

describe('ValueCounter', () => {
  it('keeps frequent values when it forgets rare ones', () => {
    const counter = new ValueCounter(8);
    for (let round = 0; round < 20; round++) {
      for (const value of ['often', `rare ${round}`, 'often', 'too']) counter.add(value);
    }
    expect(counter.frequent(5, 10)).toEqual(['often', 'too']);
    expect(counter.frequent(5, 1)).toEqual(['often']);
    expect(counter.distinct).toBe(22);
  });
});

describe('kindsOfColumns', () => {
  it('has the columns with values, in order, with their kinds', () => {
    const infos = items(30, (at) => ({ none: '', brand: at < 10 ? 'x|y' : undefined, price: at }));
    expect(kindsOfColumns([undefined, ...infos])).toEqual([
      { name: 'brand', kind: 'values', items: 10, distinct: 2 },
      { name: 'price', kind: 'numbers', items: 30, distinct: 30 },
    ]);
    const lists = items(4, (at) => ({ text: [0.5, at], sizes: [36, 37], mixed: at > 1 ? [0.5, 1] : 'none' }));
    expect(kindsOfColumns(lists)).toEqual([
      { name: 'text', kind: 'vectors', items: 4, distinct: 0 },
      { name: 'sizes', kind: 'values', items: 4, distinct: 2 },
      { name: 'mixed', kind: 'values', items: 4, distinct: 1 },
    ]);
  });
});
