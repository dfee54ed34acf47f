import { describe, expect, it } from 'vitest';
import { ndcgAt } from '../src/ndcg.ts';

describe('ndcgAt', () => {
  it('is 1 / log2(rank + 1) up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 3, 7, 8, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => ndcgAt(rank, 7))).toEqual([1, 1 / Math.log2(3), 1 / 2, 1 / 3, 0, 0]);
  });
});
