import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapIntervals, SessionDraws, studentisedMeans } from '../src/bootstrap.ts';
import { intervalCoverage } from './simulations.ts';

describe('SessionDraws', () => {
  it.each([1, 2, 7, 1000, 4097])('draws %i sessions like nextBelow', (sessions) => {
    const draws = new SessionDraws(3, sessions);
    const stream = new RandomStream(3, 'metrics.bootstrap');
    for (let draw = 0; draw < 5; draw++) {
      const expected = Array.from({ length: sessions }, () => stream.nextBelow(sessions));
      expect([...draws.next()]).toEqual(expected);
    }
  });
});

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

  it.each([
    [{ resamples: 0 }, '"resamples" expected integer >= 1, got 0.'],
    [{ level: 1 }, '"level" expected number in (0, 1), got 1.'],
  ])('refuses %j', (wrong, message) => {
    expect(() => bootstrapIntervals([], Float64Array.of(1), { ...options, ...wrong })).toThrow(
      new RangeError(`bootstrap: ${message}`),
    );
  });
});

/** The definition, session by session, with the draws of `SessionDraws`. */
function naive(sums: readonly number[], counts: readonly number[], resamples: number, seed: number) {
  const stream = new RandomStream(seed, 'metrics.bootstrap');
  const estimate = (drawn: readonly number[]) => {
    const of = (values: readonly number[]) => drawn.reduce((sum, session) => sum + values[session], 0);
    const mean = of(sums) / of(counts);
    const squares = drawn.map((session) => (sums[session] - mean * counts[session]) ** 2);
    return { mean, error: Math.sqrt(squares.reduce((sum, value) => sum + value, 0)) / of(counts) };
  };
  const { mean, error } = estimate([...sums.keys()]);
  const distances = Array.from({ length: resamples }, () => {
    const drawn = estimate(sums.map(() => stream.nextBelow(sums.length)));
    const distance = Math.abs(drawn.mean - mean);
    return distance < 1e-9 ? 0 : distance / (drawn.error < 1e-9 ? 0 : drawn.error);
  }).sort((a, b) => a - b);
  const own = Math.abs(mean) < 1e-9 ? 0 : Math.abs(mean) / (error < 1e-9 ? 0 : error);
  const asFar = distances.filter((distance) => distance >= own * (1 - 1e-9)).length;
  const reach = error < 1e-9 ? 0 : error * distances[Math.ceil(0.95 * (resamples + 1)) - 1];
  return { mean, reach, p: (1 + asFar) / (resamples + 1) };
}

describe('studentisedMeans', () => {
  const options = { resamples: 199, seed: 1 };

  it('agrees with the definition', () => {
    const sessions = fc.array(
      fc.integer({ min: 1, max: 4 }).chain((count) => fc.tuple(fc.nat({ max: 8 }), fc.constant(count))),
      { minLength: 2, maxLength: 40 },
    );
    fc.assert(
      fc.property(sessions, (drawn) => {
        const counts = drawn.map(([, count]) => count);
        const sums = drawn.map(([eighths, count]) => ((eighths - 4) / 4) * count);
        const [{ mean, interval, p }] = studentisedMeans(
          [Float64Array.from(sums)],
          Float64Array.from(counts),
          {
            ...options,
          },
        );
        const expected = naive(sums, counts, options.resamples, options.seed);
        expect(mean).toBeCloseTo(expected.mean, 12);
        expect(p).toBe(expected.p);
        expect(interval[0]).toBeCloseTo(Math.max(-1, expected.mean - expected.reach), 6);
        expect(interval[1]).toBeCloseTo(Math.min(1, expected.mean + expected.reach), 6);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('has 0 in the interval exactly if p is above 0.05', () => {
    const stream = new RandomStream(3, 'test.studentised');
    const counts = new Float64Array(25).fill(1);
    const sides = Array.from({ length: 200 }, () => {
      const sums = counts.map(() => stream.nextFloat() - 0.35);
      const [{ interval, p }] = studentisedMeans([sums], counts, options);
      expect(interval[0] <= 0 && interval[1] >= 0).toBe(p > 0.05);
      return p > 0.05;
    });
    expect(new Set(sides).size).toBe(2);
  });

  it('is as wide as Student’s interval', () => {
    // Ten numbers without skew: t with 9 degrees of freedom is 2.262 at 97.5 %.
    const sums = Float64Array.of(-0.9, -0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7, 0.9);
    const [{ interval }] = studentisedMeans([sums], new Float64Array(10).fill(1), {
      resamples: 9_999,
      seed: 1,
    });
    const student = 2.262 * Math.sqrt(sums.reduce((sum, value) => sum + value ** 2, 0) / 9 / 10);
    expect(interval[1] / student).toBeGreaterThan(0.95);
    expect(interval[1] / student).toBeLessThan(1.15);
    expect(interval[0]).toBe(-interval[1]);
  });

  it('has zero width if all sessions have the same mean', () => {
    const same = { mean: 1 / 2, interval: [1 / 2, 1 / 2], p: 1 / (options.resamples + 1) };
    const none = { mean: 0, interval: [0, 0], p: 1 };
    const counts = Float64Array.of(2, 4, 6);
    const sums = [Float64Array.of(1, 2, 3), new Float64Array(3)];
    expect(studentisedMeans(sums, counts, options)).toEqual([same, none]);
  });
});
