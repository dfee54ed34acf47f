import { describe, expect, it } from 'vitest';
import { recall } from '../../src/metrics/recall.ts';

describe('recall', () => {
  it('counts items among the first k', () => {
    expect([1, 20, 21, 20.5, Number.POSITIVE_INFINITY].map((rank) => recall.of([rank], 20))).toEqual([
      1, 1, 0, 0, 0,
    ]);
  });

  it('is the share of several items among the first k', () => {
    expect(recall.of([2, 7, Number.POSITIVE_INFINITY, 1], 5)).toBe(2 / 4);
  });
});
