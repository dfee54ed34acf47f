import { describe, expect, it } from 'vitest';
import { figure, formatTable, percent, ratesOf, summarize, whole } from '../src/measure.ts';

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

describe('formatTable', () => {
  it('aligns columns, in Markdown', () => {
    expect(
      formatTable([
        ['what', 'n'],
        ['a', '10'],
        ['b', '5'],
      ]),
    ).toBe('| what | n   |\n| ---- | --- |\n| a    | 10  |\n| b    | 5   |');
  });
});

describe('figures', () => {
  it('are short and readable', () => {
    const texts = [0.12345, 12.345, 1234.5, 1.25e6].map(figure);
    expect(texts).toEqual(['0.123', '12.3', '1,235', '1.3M']);
    expect([whole(1234.4), percent(0.1234)]).toEqual(['1,234', '12.3 %']);
  });
});
