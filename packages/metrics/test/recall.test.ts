import { describe, expect, it } from 'vitest';
import { recallAt, recallOfSeveralAt } from '../src/recall.ts';

describe('recallAt', () => {
  it('finds what is among the first k', () => {
    expect([1, 20, 21, 20.5, Number.POSITIVE_INFINITY].map((rank) => recallAt(rank, 20))).toEqual([
      1, 1, 0, 0, 0,
    ]);
  });
});

describe('recallOfSeveralAt', () => {
  it('is the share of the items among the first k', () => {
    expect(recallOfSeveralAt([2, 7, Number.POSITIVE_INFINITY, 1], 5)).toBe(2 / 4);
  });

  it.each([1, 5, 6])('is recallAt of one rank, %s', (rank) => {
    expect(recallOfSeveralAt([rank], 5)).toBe(recallAt(rank, 5));
  });
});
