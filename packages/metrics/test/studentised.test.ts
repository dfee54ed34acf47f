import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { studentisedMeans } from '../src/bootstrap.ts';

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

  it('gives no bounds if a twentieth of the resamples has no variance', () => {
    const [{ interval, p }] = studentisedMeans(
      [Float64Array.of(1, 0, 0, 0, 0)],
      new Float64Array(5).fill(1),
      options,
    );
    expect(interval).toEqual([-1, 1]);
    expect(p).toBeGreaterThan(0.3);
  });

  it('has zero width if all sessions have the same mean', () => {
    const same = { mean: 1 / 2, interval: [1 / 2, 1 / 2], p: 1 / (options.resamples + 1) };
    const none = { mean: 0, interval: [0, 0], p: 1 };
    const counts = Float64Array.of(2, 4, 6);
    const sums = [Float64Array.of(1, 2, 3), new Float64Array(3)];
    expect(studentisedMeans(sums, counts, options)).toEqual([same, none]);
  });

  it.each([
    [{ resamples: 0 }, '"resamples" expected integer >= 1, got 0.'],
    [{ level: 1 }, '"level" expected number in (0, 1), got 1.'],
  ])('refuses %j', (wrong, message) => {
    expect(() => studentisedMeans([], Float64Array.of(1), { ...options, ...wrong })).toThrow(
      new RangeError(`bootstrap: ${message}`),
    );
  });
});
