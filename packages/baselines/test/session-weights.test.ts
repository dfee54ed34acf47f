import { describe, expect, it } from 'vitest';
import { cosine, EQUAL_WEIGHTS, exponential, inverseFrequency } from '../src/session-weights.ts';

describe('EQUAL_WEIGHTS', () => {
  it('gives every weight 1 and counts shared items', () => {
    const { click, similarity, age, lastShared, distance, item } = EQUAL_WEIGHTS;
    expect([click(1, 9), age(3), lastShared(2, 9), distance(4), item(5, 6)]).toEqual([1, 1, 1, 1, 1]);
    expect(similarity(3, 4, 5)).toBe(3);
  });
});

describe('cosine', () => {
  it('divides by the norms of both sessions', () => {
    expect(cosine(2, 4, 9)).toBe(2 / (2 * 3));
  });
});

describe('exponential', () => {
  it('falls to 1/e at λ', () => {
    expect([0, 2, 4].map(exponential(2))).toEqual([1, Math.exp(-1), Math.exp(-2)]);
  });

  it('is 1 everywhere for λ = Infinity', () => {
    expect([0, 2, 400].map(exponential(Infinity))).toEqual([1, 1, 1]);
  });
});

describe('inverseFrequency', () => {
  it('adds λ times the logarithm of an item’s rarity', () => {
    expect(inverseFrequency(5)(2, 8)).toBe(1 + 5 * Math.log(4));
    expect(inverseFrequency(5)(8, 8)).toBe(1);
  });

  it('is 1 for λ = 0', () => {
    expect(inverseFrequency(0)(2, 8)).toBe(1);
  });
});
