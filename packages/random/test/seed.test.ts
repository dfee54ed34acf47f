import { describe, expect, it } from 'vitest';
import { seedWords } from '../src/seed.ts';

describe('seedWords', () => {
  it('puts the low word first', () => {
    expect(seedWords(2 ** 32 + 5)).toEqual([5, 1]);
    expect(seedWords(2 ** 53 - 1)).toEqual([2 ** 32 - 1, 2 ** 21 - 1]);
  });

  it('gives a number and the equal bigint the same words', () => {
    for (const seed of [0, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1]) {
      expect(seedWords(BigInt(seed))).toEqual(seedWords(seed));
    }
  });

  it('accepts bigints up to 2^64 - 1', () => {
    expect(seedWords(2n ** 64n - 1n)).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('rejects the number %s', (seed) => {
    expect(() => seedWords(seed)).toThrow(
      new RangeError(
        `seedWords: "seed" expected integer in [0, 2^53), got ${seed}. Pass larger seeds as a bigint.`,
      ),
    );
  });

  it.each([-1n, 2n ** 64n])('rejects the bigint %s', (seed) => {
    expect(() => seedWords(seed)).toThrow(
      new RangeError(`seedWords: "seed" expected bigint in [0, 2^64), got ${seed}.`),
    );
  });

  it('rejects other types', () => {
    expect(() => seedWords('7' as unknown as number)).toThrow(
      new TypeError('seedWords: "seed" expected number or bigint, got string.'),
    );
  });
});
