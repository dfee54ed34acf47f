import { RandomStream } from '@gru4rec/random';
import { expect, test } from 'vitest';
import { countSimilarAttributes } from '../../src/parts/similar-attributes.ts';

const itemsOf = (sets: readonly number[][], perItem: number) => {
  const table = new Int32Array(sets.length * perItem).fill(-1);
  for (const [item, attributes] of sets.entries()) table.set(attributes, item * perItem);
  return { count: 1 + sets.flat().reduce((most, one) => Math.max(most, one), 0), perItem, table };
};

test('tables have the cosines of weighted attributes, the most similar first, as counted pair by pair', () => {
  const random = new RandomStream(1, 'attributes');
  const sets = Array.from({ length: 60 }, () =>
    Array.from({ length: 12 }, (_, attribute) => attribute)
      .filter(() => random.nextFloat() < 0.2)
      .slice(0, 4),
  );
  const weight = (a: number) => Math.log(60 / sets.filter((set) => set.includes(a)).length) ** 2;
  const product = (x: number[], y: number[]) =>
    x.filter((a) => y.includes(a)).reduce((sum, a) => sum + weight(a), 0);
  const [items, similarities] = countSimilarAttributes(itemsOf(sets, 4), 60);
  expect(items.cols).toBe(50);
  for (const [item, set] of sets.entries()) {
    const expected = sets
      .map((other) => product(set, other) / Math.sqrt(product(set, set) * product(other, other)))
      .map((cosine, other) => (other === item || !(cosine > 0) ? 0 : cosine));
    const row = [...similarities.values.subarray(item * 50, (item + 1) * 50)];
    const greatest = expected.toSorted((a, b) => b - a).slice(0, 50);
    for (const [at, value] of greatest.entries()) expect(row[at]).toBeCloseTo(value, 5);
    for (const [at, value] of row.entries()) {
      if (value > 0) expect(value).toBeCloseTo(expected[items.values[item * 50 + at]], 5);
    }
  }
});

test('an attribute that many items share is not counted, so that time is not the square of the items', () => {
  const sets = Array.from({ length: 200_000 }, (_, item) => (item < 2 ? [0, 1] : [0]));
  const [items, similarities] = countSimilarAttributes(itemsOf(sets, 2), sets.length);
  expect([items.values[0], items.values[items.cols]]).toEqual([1, 0]);
  expect(similarities.values.filter((value) => value > 0)).toHaveLength(2);
});

test('more items than tables have room for have no tables', () => {
  const none = { count: 1, perItem: 0, table: new Int32Array() };
  expect(countSimilarAttributes(none, 2 ** 24 + 1)).toEqual([]);
});
