import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ndcgAt, ndcgOfSeveralAt } from '../src/ndcg.ts';

describe('ndcgAt', () => {
  it('is 1 / log2(rank + 1) up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 3, 7, 8, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => ndcgAt(rank, 7))).toEqual([1, 1 / Math.log2(3), 1 / 2, 1 / 3, 0, 0]);
  });
});

describe('ndcgOfSeveralAt', () => {
  it('divides the gains by those of the best list', () => {
    expect(ndcgOfSeveralAt([3, 1], 20)).toBe((1 / 2 + 1) / (1 + 1 / Math.log2(3)));
    expect(ndcgOfSeveralAt([2, 1, 3], 20)).toBeCloseTo(1, 15);
  });

  it('expects no more items than the list has places', () => {
    expect(ndcgOfSeveralAt([1, 5, 9], 1)).toBe(1);
  });

  it.each([1, 3, 8])('is ndcgAt of one rank, %s', (rank) => {
    expect(ndcgOfSeveralAt([rank], 7)).toBe(ndcgAt(rank, 7));
  });

  it('lies in [0, 1]', () => {
    const ranks = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(ranks, fc.integer({ min: 1, max: 30 }), (ranks, cutoff) => {
        const ndcg = ndcgOfSeveralAt(ranks, cutoff);
        expect(ndcg).toBeGreaterThanOrEqual(0);
        expect(ndcg).toBeLessThanOrEqual(1 + 1e-12);
      }),
      { seed: 1 },
    );
  });
});
