import { describe, expect, it } from 'vitest';
import { MeanPopularity, popularityBias } from '../src/popularity.ts';

describe('MeanPopularity', () => {
  it('is the mean share of the training events over all list positions', () => {
    const popularity = new MeanPopularity([6, 3, 1]);
    popularity.add(Int32Array.of(0, 1));
    popularity.add(Int32Array.of(0));
    expect(popularity.mean).toBeCloseTo((0.6 + 0.3 + 0.6) / 3, 15);
  });

  it('is NaN before the first list', () => {
    expect(new MeanPopularity([6, 3, 1]).mean).toBeNaN();
  });
});

describe('popularityBias', () => {
  it('is the ratio of the lists’ popularity to that of the targets', () => {
    expect(popularityBias(0.5, 0.25)).toBe(2);
    expect(popularityBias(0.25, 0.25)).toBe(1);
  });

  it('is infinite if no target occurs in training', () => {
    expect(popularityBias(0.5, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});
