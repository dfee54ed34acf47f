import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalTimes } from '../../src/load/generate-load.ts';

describe('arrivalTimes', () => {
  it('gives rate · seconds ascending times in the interval, the same for the same seed', () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 5 }), fc.nat());
    fc.assert(
      fc.property(cases, ([rate, seconds, seed]) => {
        const times = arrivalTimes(rate, seconds, seed);
        expect(times.length).toBe(rate * seconds);
        expect(times[0]).toBeGreaterThanOrEqual(0);
        expect(times.at(-1)).toBeLessThan(1000 * seconds);
        expect(times.every((time, at) => at === 0 || time >= (times[at - 1] ?? 0))).toBe(true);
        expect(arrivalTimes(rate, seconds, seed)).toEqual(times);
      }),
      { numRuns: 20 },
    );
  });

  it('gives exponential gaps, as independent visitors do', () => {
    const times = arrivalTimes(1000, 50, 1);
    const gaps = Array.from(times.subarray(1), (time, at) => time - (times[at] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(1, 1);
    // The standard deviation of an exponential distribution is its mean; that of even spacing would be 0.
    expect(Math.sqrt(variance)).toBeCloseTo(1, 1);
    expect(gaps.filter((gap) => gap > 3).length / gaps.length).toBeCloseTo(Math.exp(-3), 2);
  });
});
