import { describe, expect, it } from 'vitest';
import { nearestItems } from '../../src/page/explain/nearest-items.ts';

describe('nearestItems', () => {
  const table = { rows: 5, cols: 2, values: Float32Array.of(1, 0, 3, 3, 0, 5, -2, 0, 0, 0) };

  it('orders items by the cosine to a row, whatever their lengths', () => {
    expect(nearestItems(table, 0, 10)).toEqual([
      { item: 1, cosine: expect.closeTo(Math.SQRT1_2, 6) },
      { item: 2, cosine: 0 },
      { item: 4, cosine: 0 },
      { item: 3, cosine: -1 },
    ]);
    expect(nearestItems(table, 0, 1).map(({ item }) => item)).toEqual([1]);
  });

  it('finds nothing near to a row of zeros', () => {
    expect(nearestItems(table, 4, 4).map(({ cosine }) => cosine)).toEqual([0, 0, 0, 0]);
  });
});
