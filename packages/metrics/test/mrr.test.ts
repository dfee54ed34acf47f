import { describe, expect, it } from 'vitest';
import { reciprocalRankAt, reciprocalRankOfSeveralAt } from '../src/mrr.ts';

describe('reciprocalRankAt', () => {
  it('is 1 / rank up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 2.5, 5, 6, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => reciprocalRankAt(rank, 5))).toEqual([1, 1 / 2, 1 / 2.5, 1 / 5, 0, 0]);
  });
});

describe('reciprocalRankOfSeveralAt', () => {
  it('is that of the best placed', () => {
    expect(reciprocalRankOfSeveralAt([7, 3, Number.POSITIVE_INFINITY, 4], 5)).toBe(1 / 3);
    expect(reciprocalRankOfSeveralAt([7, 6], 5)).toBe(0);
  });

  it.each([1, 5, 6])('is reciprocalRankAt of one rank, %s', (rank) => {
    expect(reciprocalRankOfSeveralAt([rank], 5)).toBe(reciprocalRankAt(rank, 5));
  });
});
