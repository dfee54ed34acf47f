import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DistinctSamples, expectedDistinct, PopularitySampler } from '../src/index.ts';

describe('DistinctSamples', () => {
  it('lists each item once, in order of first appearance, with how often it was drawn', () => {
    const merged = new DistinctSamples(10, 5);
    expect(merged.merge(Int32Array.of(7, 3, 7, 0, 7, 3))).toBe(true);
    expect([...merged.items]).toEqual([7, 3, 0, -1, -1]);
    expect([...merged.counts]).toEqual([3, 2, 1, 0, 0]);
  });

  it('returns false if there are more distinct items than its capacity', () => {
    const merged = new DistinctSamples(10, 2);
    expect(merged.merge(Int32Array.of(1, 2, 1))).toBe(true);
    expect(merged.merge(Int32Array.of(1, 2, 3))).toBe(false);
  });

  it('counts every draw, step after step (property)', () => {
    const steps = fc.array(fc.array(fc.nat({ max: 19 }), { maxLength: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(steps, (draws) => {
        const merged = new DistinctSamples(20, 20);
        for (const samples of draws) {
          expect(merged.merge(Int32Array.from(samples))).toBe(true);
          const counts = new Map(
            [...merged.items].flatMap((item, i) => (item < 0 ? [] : [[item, merged.counts[i]]])),
          );
          const expected = new Map<number, number>();
          for (const item of samples) expected.set(item, (expected.get(item) ?? 0) + 1);
          expect(counts).toEqual(expected);
        }
      }),
    );
  });
});

describe('expectedDistinct', () => {
  it('is 2 − 1/2 for two draws of two equal items, with a deviation of at most 1', () => {
    const { mean, deviation } = expectedDistinct(() => 0.5, 2, 2);
    expect(mean).toBe(2 * (1 - 0.25));
    expect(deviation).toBe(Math.sqrt(2 * 0.25 * 0.75));
  });

  it('agrees with a sampler, within its deviation', () => {
    const support = Float64Array.from({ length: 500 }, (_, i) => 1000 / (i + 1));
    const sampler = new PopularitySampler({ support, alpha: 0.5, seed: 1 });
    const { mean, deviation } = expectedDistinct((i) => sampler.probability(i), 500, 400);
    const samples = new Int32Array(400);
    const counts = Array.from({ length: 200 }, (_, step) => {
      sampler.sample(step, samples);
      return new Set(samples).size;
    });
    const average = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    expect(Math.abs(average - mean)).toBeLessThan(deviation / 2);
    expect(counts.filter((n) => n > mean + 3 * deviation)).toHaveLength(0);
  });
});
