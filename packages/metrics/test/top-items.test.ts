import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topItems } from '../src/top-items.ts';

describe('topItems', () => {
  it('lists the greatest scores, best first', () => {
    expect(topItems(Float32Array.of(1, 5, 3, 4), 3)).toEqual(Int32Array.of(1, 3, 2));
  });

  it('breaks ties by ascending item index', () => {
    expect(topItems(Float32Array.of(2, 3, 2, 3, 2), 4)).toEqual(Int32Array.of(1, 3, 0, 2));
  });

  it('leaves out excluded items', () => {
    expect(topItems(Float32Array.of(1, 5, 3, 4), 2, new Set([1, 0]))).toEqual(Int32Array.of(3, 2));
  });

  it('lists fewer items if there are no more', () => {
    expect(topItems(Float32Array.of(1, 2), 9, new Set([0]))).toEqual(Int32Array.of(1));
    expect(topItems(Float32Array.of(1), 9, new Set([0]))).toEqual(new Int32Array(0));
  });

  it('lists items with score minus infinity last', () => {
    expect(topItems(Float32Array.of(-Infinity, 0, -Infinity, Infinity), 3)).toEqual(Int32Array.of(3, 1, 0));
  });

  it('agrees with a full sort', () => {
    const rows = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 70 }), fc.array(fc.nat({ max: 59 })), (row, k, left) => {
        const excluded = new Set(left);
        const sorted = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b);
        const expected = sorted.filter((item) => !excluded.has(item)).slice(0, k);
        expect([...topItems(Float64Array.from(row), k, excluded)]).toEqual(expected);
      }),
      { seed: 1 },
    );
  });
});
