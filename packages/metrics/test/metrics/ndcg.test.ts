import { describe, expect, it } from 'vitest';
import { ndcg } from '../../src/metrics/ndcg.ts';

describe('ndcg', () => {
  it('is 1 / log2(rank + 1) up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 3, 7, 8, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => ndcg.of([rank], 7))).toEqual([1, 1 / Math.log2(3), 1 / 2, 1 / 3, 0, 0]);
  });

  it('divides the gains of several items by those of the ideal list', () => {
    expect(ndcg.of([3, 1], 20)).toBe((1 / 2 + 1) / (1 + 1 / Math.log2(3)));
    expect(ndcg.of([2, 1, 3], 20)).toBeCloseTo(1, 15);
  });

  it('counts at most as many items as the list is long', () => {
    expect(ndcg.of([1, 5, 9], 1)).toBe(1);
  });
});
