import { describe, expect, it } from 'vitest';
import { reciprocalRankAt } from '../src/mrr.ts';

describe('reciprocalRankAt', () => {
  it('is 1 / rank up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 2.5, 5, 6, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => reciprocalRankAt(rank, 5))).toEqual([1, 1 / 2, 1 / 2.5, 1 / 5, 0, 0]);
  });
});
