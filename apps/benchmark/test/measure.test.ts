import { describe, expect, it } from 'vitest';
import { ratesOf, summarize } from '../src/measure.ts';

describe('summarize', () => {
  it('gives median, extremes and their distance in medians', () => {
    expect(summarize([4, 1, 2])).toEqual({ median: 2, min: 1, max: 4, spread: 3 / 2, samples: 3 });
    expect(summarize([4, 1, 2, 3]).median).toBe(5 / 2);
  });

  it('refuses nothing', () => {
    expect(() => summarize([])).toThrow('summarize: "values" expected at least one, got none');
  });
});

/** Work that takes at least some milliseconds per window. */
function busy(milliseconds: number, calls: number[]): (times: number) => void {
  return (times) => {
    calls.push(times);
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  };
}

describe('ratesOf', () => {
  it('returns repetitions per second, window by window, with at least one window', () => {
    const calls: number[] = [];
    const rates = ratesOf(busy(2, calls), 10, 0);
    expect([calls, rates.length]).toEqual([[10], 1]);
    expect(rates[0]).toBeLessThanOrEqual(10 / 0.002);
  });
});
