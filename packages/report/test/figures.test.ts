import { describe, expect, it } from 'vitest';
import {
  countsAlike,
  formatInterval,
  formatP,
  fraction,
  memoryAlike,
  percent,
  ratio,
  secondsAlike,
  short,
  threeDigits,
  whole,
} from '../src/figures.ts';

describe('fraction', () => {
  it('has four decimals', () => {
    expect([0, 1 / 3, 1].map(fraction)).toEqual(['0.0000', '0.3333', '1.0000']);
  });
});

describe('formatInterval', () => {
  it('has both bounds', () => {
    expect(formatInterval([0.1, 0.25])).toBe('0.1000–0.2500');
  });
});

describe('formatP', () => {
  it.each([
    [0, '< 0.001'],
    [0.00099, '< 0.001'],
    [0.001, '0.001'],
    [0.0494, '0.049'],
    [0.0496, '0.0496'],
    [0.05, '0.050'],
    [1, '1.000'],
  ])('formats %d', (p, text) => {
    expect(formatP(p)).toBe(text);
  });
});

describe('secondsAlike', () => {
  const texts = (values: readonly number[]): string[] => {
    const { unit, format } = secondsAlike(values);
    return values.map((value) => `${format(value)} ${unit}`);
  };

  it('formats a column in one unit, with the same decimals', () => {
    expect(texts([66, 41, 0.26])).toEqual(['66.0 s', '41.0 s', '0.3 s']);
    expect(texts([1.5, 0.256])).toEqual(['1.50 s', '0.26 s']);
    expect(texts([0.0042, 0])).toEqual(['0.004 s', '0.000 s']);
  });

  it('has separators, and bounds instead of 0', () => {
    expect(texts([9874, 0.004])).toEqual(['9,874.0 s', '< 0.1 s']);
  });

  it('uses minutes or hours if every value is at least 1', () => {
    expect(texts([90, 5400])).toEqual(['1.5 min', '90.0 min']);
    expect(texts([3600, 5400])).toEqual(['1.00 h', '1.50 h']);
    expect(texts([3600, 59])).toEqual(['3,600.0 s', '59.0 s']);
  });
});

describe('memoryAlike', () => {
  it('uses GiB if every value is at least 1', () => {
    const texts = (...values: readonly number[]) => values.map(memoryAlike(values).format);
    expect(texts(12.34, 0.125)).toEqual(['12.3', '0.1']);
    expect([memoryAlike([1536, 2048]).unit, ...texts(1536, 2048)]).toEqual(['GiB', '1.50', '2.00']);
  });
});

describe('ratio', () => {
  it('has two decimals and separators', () => {
    expect([1.5, 1.11, 1234.5].map(ratio)).toEqual(['1.50', '1.11', '1,234.50']);
  });
});

describe('countsAlike', () => {
  it('formats counts in one unit', () => {
    const texts = (...counts: readonly number[]) => counts.map(countsAlike(counts));
    expect(texts(71_222, 813)).toEqual(['71,222', '813']);
    expect(texts(3_400_000, 813, 0, 20)).toEqual(['3,400k', '1k', '0k', '< 1k']);
    expect(texts(5e9, 1e6)).toEqual(['5,000M', '1M']);
  });
});

describe('percent, whole, threeDigits, short', () => {
  it('format shares and counts', () => {
    expect(percent(1 / 8)).toBe('12.5 %');
    expect(whole(71_222.4)).toBe('71,222');
    expect([0.012345, 1234, 0].map(threeDigits)).toEqual(['0.0123', '1230', '0']);
    expect([7, 999, 1000, 71_222, 999_499, 999_500, 3_400_000].map(short)).toEqual([
      '7',
      '999',
      '1k',
      '71.2k',
      '999k',
      '1M',
      '3.4M',
    ]);
  });
});
