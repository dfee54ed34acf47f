import { describe, expect, it } from 'vitest';
import { mrr } from '../../src/metrics/mrr.ts';

describe('mrr', () => {
  it('is 1 / rank up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 2.5, 5, 6, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => mrr.of([rank], 5))).toEqual([1, 1 / 2, 1 / 2.5, 1 / 5, 0, 0]);
  });

  it('uses the best of several items', () => {
    expect(mrr.of([7, 3, Number.POSITIVE_INFINITY, 4], 5)).toBe(1 / 3);
    expect(mrr.of([7, 6], 5)).toBe(0);
  });
});
