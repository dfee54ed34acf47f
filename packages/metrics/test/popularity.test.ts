import { describe, expect, it } from 'vitest';
import { MeanPopularity, popularityBias } from '../src/list-figures.ts';

describe('MeanPopularity', () => {
  it('is the mean share of the training events over all list positions', () => {
    const popularity = new MeanPopularity([6, 3, 1]);
    popularity.add(Int32Array.of(0, 1));
    popularity.add(Int32Array.of(0));
    expect(popularity.mean).toBeCloseTo((0.6 + 0.3 + 0.6) / 3, 15);
  });

  it('is NaN before the first list', () => {
    expect(new MeanPopularity([6, 3, 1]).mean).toBeNaN();
    expect(new MeanPopularity([6, 3, 1]).novelty).toBeNaN();
  });

  it('has the mean self-information of the items that training has seen', () => {
    const popularity = new MeanPopularity([8, 4, 3, 1, 0]);
    popularity.add(Int32Array.of(0, 1, 4));
    popularity.add(Int32Array.of(4, 3));
    expect(popularity.novelty).toBe((1 + 2 + 4) / 3);
    const always = new MeanPopularity([0, 7]);
    always.add(Int32Array.of(1));
    expect(always.novelty).toBe(0);
  });

  it('has the same novelty, to the last bit, in any order of lists and parts', () => {
    const support = Array.from({ length: 50 }, (_, item) => 1 + ((item * 37) % 11));
    const lists = Array.from({ length: 40 }, (_, list) =>
      Int32Array.from({ length: 20 }, (_, place) => (list * 7 + place * 3) % 50),
    );
    const of = (...parts: Int32Array[][]) => {
      const whole = new MeanPopularity(support);
      for (const part of parts) {
        const sums = new MeanPopularity(support);
        for (const list of part) sums.add(list);
        whole.addSums(sums.sums);
      }
      return whole.novelty;
    };
    expect(of([...lists].reverse())).toBe(of(lists));
    expect(of(lists.slice(25), lists.slice(0, 25))).toBe(of(lists));
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
