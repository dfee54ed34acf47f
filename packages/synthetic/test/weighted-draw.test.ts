import { describe, expect, it } from 'vitest';
import { drawByWeight, runningSums } from '../src/weighted-draw.ts';

describe('drawByWeight', () => {
  const sums = runningSums(Float64Array.of(5, 1, 0, 3));

  it('maps to each index its share of the unit interval', () => {
    const drawn = [0, 0.5, 5 / 9, 0.66, 6 / 9, 0.99].map((uniform) => drawByWeight(sums, 0, 4, uniform));
    expect(drawn).toEqual([0, 0, 1, 1, 3, 3]);
  });

  it('draws only from the given range', () => {
    const drawn = [0, 0.24, 0.25, 0.99].map((uniform) => drawByWeight(sums, 1, 4, uniform));
    expect(drawn).toEqual([1, 1, 3, 3]);
  });
});
