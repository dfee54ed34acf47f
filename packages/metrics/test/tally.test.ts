import { describe, expect, it } from 'vitest';
import { MeanPopularity } from '../src/tally.ts';

describe('MeanPopularity', () => {
  it('has the mean self-information of the items that training has seen', () => {
    const popularity = new MeanPopularity([8, 4, 3, 1, 0]);
    popularity.add(Int32Array.of(0, 1, 4));
    popularity.add(Int32Array.of(4, 3));
    expect(popularity.novelty).toBe((1 + 2 + 4) / 3);
    const always = new MeanPopularity([0, 7]);
    always.add(Int32Array.of(1));
    expect(always.novelty).toBe(0);
  });
});
