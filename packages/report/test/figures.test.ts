import { describe, expect, it } from 'vitest';
import {
  formatInterval,
  formatMiB,
  formatP,
  formatSeconds,
  fraction,
  percent,
  short,
  threeDigits,
  whole,
} from '../src/figures.ts';

describe('fraction', () => {
  it('has four digits after the point', () => {
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
  ])('writes %d', (p, text) => {
    expect(formatP(p)).toBe(text);
  });
});

describe('formatSeconds', () => {
  it.each([
    [0, '0 s'],
    [0.0042, '0.0042 s'],
    [0.256, '0.26 s'],
    [1, '1.0 s'],
    [59.94, '59.9 s'],
    [90, '1.5 min'],
    [3600, '1.0 h'],
    [5400, '1.5 h'],
  ])('writes %d', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('formatMiB', () => {
  it.each([
    [0, '0 MiB'],
    [0.125, '0.13 MiB'],
    [12.34, '12.3 MiB'],
    [1536, '1.5 GiB'],
  ])('writes %d', (mebibytes, text) => {
    expect(formatMiB(mebibytes)).toBe(text);
  });
});

describe('percent, whole, threeDigits, short', () => {
  it('write shares and counts', () => {
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
