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

it.each<[string, (value: never) => string, readonly unknown[], string]>([
  ['fraction', fraction, [0, 1 / 3, 1], '0.0000 0.3333 1.0000'],
  ['formatInterval', formatInterval, [[0.1, 0.25]], '0.1000–0.2500'],
  ['formatP', formatP, [0.00099, 0.001, 0.0494, 0.0496, 0.05], '< 0.001 0.001 0.049 0.0496 0.050'],
  ['ratio', ratio, [1.5, 1.11, 1234.5], '1.50 1.11 1,234.50'],
  ['percent', percent, [1 / 8], '12.5 %'],
  ['whole', whole, [71_222.4], '71,222'],
  ['threeDigits', threeDigits, [0.012345, 1234, 0], '0.0123 1230 0'],
  ['short', short, [7, 999, 1000, 71_222, 999_499, 999_500, 3_400_000], '7 999 1k 71.2k 999k 1M 3.4M'],
  ['countsAlike', countsAlike([71_222, 813]), [71_222, 813], '71,222 813'],
  ['countsAlike', countsAlike([3_400_000, 813, 0, 20]), [3_400_000, 813, 0, 20], '3,400k 1k 0k < 1k'],
  ['countsAlike', countsAlike([5e9, 1e6]), [5e9, 1e6], '5,000M 1M'],
  ['memoryAlike', memoryAlike([12.34, 0.125]).format, [12.34, 0.125], '12.3 0.1'],
  ['memoryAlike', memoryAlike([1536, 2048]).format, [1536, 2048], '1.50 2.00'],
])('figures %s', (_, format, values, text) => {
  expect((values as never[]).map(format).join(' ')).toBe(text);
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
