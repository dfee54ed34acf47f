import { describe, expect, it } from 'vitest';
import { recallAt } from '../src/recall.ts';

describe('recallAt', () => {
  it('finds what is among the first k', () => {
    expect([1, 20, 21, 20.5, Number.POSITIVE_INFINITY].map((rank) => recallAt(rank, 20))).toEqual([
      1, 1, 0, 0, 0,
    ]);
  });
});
