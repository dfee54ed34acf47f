import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from '../src/bootstrap.ts';
import { intervalCoverage } from './simulations.ts';

describe('bootstrapIntervals', () => {
  const options = { resamples: 200, seed: 1 };

  it('has zero width if all sessions have the same value', () => {
    const intervals = bootstrapIntervals([Float64Array.of(1, 2, 3)], Float64Array.of(2, 4, 6), options);
    expect(intervals).toEqual([[1 / 2, 1 / 2]]);
  });

  it('weights sessions by their number of predictions', () => {
    // Two sessions, one hit and nine misses: the mean of a resample is 1, 1 / 10 or 0.
    const [interval] = bootstrapIntervals([Float64Array.of(1, 0)], Float64Array.of(1, 9), options);
    expect(interval).toEqual([0, 1]);
    const [narrow] = bootstrapIntervals([Float64Array.of(1, 0)], Float64Array.of(1, 9), {
      ...options,
      level: 0.02,
    });
    expect(narrow).toEqual([1 / 10, 1 / 10]);
  });

  it('is as wide as the normal approximation', () => {
    const stream = new RandomStream(2, 'test.bootstrap');
    const hits = Float64Array.from({ length: 2_000 }, () => (stream.nextFloat() < 0.3 ? 1 : 0));
    const mean = hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
    const deviation = Math.sqrt((mean * (1 - mean)) / hits.length);
    const counts = new Float64Array(2_000).fill(1);
    const [[lower, upper]] = bootstrapIntervals([hits], counts, { resamples: 2_000, seed: 3 });
    expect(lower).toBeCloseTo(mean - 1.96 * deviation, 2);
    expect(upper).toBeCloseTo(mean + 1.96 * deviation, 2);
    expect(upper - lower).toBeGreaterThan(3.4 * deviation);
    expect(upper - lower).toBeLessThan(4.4 * deviation);
  });

  it('covers the MRR of ten sessions in 95 % of samples', () => {
    const { mrr } = intervalCoverage({ samples: 400, sessions: 10, logItems: 7 });
    expect(mrr).toBeGreaterThan(0.93);
    expect(mrr).toBeLessThan(0.97);
  });

  it('has no bounds if a twentieth of the resamples has no variance, or there are too few', () => {
    const [sums, counts] = [Float64Array.of(1, 0, 0, 0, 0), new Float64Array(5).fill(1)];
    expect(bootstrapIntervals([sums], counts, options)).toEqual([[0, 1]]);
    const many = Float64Array.from({ length: 100 }, (_, at) => at % 2);
    const few = bootstrapIntervals([many], new Float64Array(100).fill(1), { ...options, resamples: 18 });
    expect(few).toEqual([[0, 1]]);
  });

  it('draws only by the seed, the same sessions for every metric', () => {
    const values = Float64Array.of(1, 0, 1, 0, 0, 1, 0);
    const counts = new Float64Array(7).fill(1);
    const intervals = bootstrapIntervals([values, values], counts, options);
    expect(intervals[0]).toEqual(intervals[1]);
    expect(bootstrapIntervals([values, values], counts, options)).toEqual(intervals);
  });

  it.each([0, 1.5])('refuses %s resamples', (resamples) => {
    expect(() => bootstrapIntervals([], Float64Array.of(1), { resamples, seed: 1 })).toThrow(
      new RangeError(`bootstrap: "resamples" expected integer >= 1, got ${resamples}.`),
    );
  });

  it.each([0, 1, 95])('refuses the level %s', (level) => {
    expect(() => bootstrapIntervals([], Float64Array.of(1), { resamples: 1, seed: 1, level })).toThrow(
      new RangeError(`bootstrap: "level" expected number in (0, 1), got ${level}.`),
    );
  });
});
