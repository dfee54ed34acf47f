import { describe, expect, it } from 'vitest';
import { barLengths, changeText, groupDigits, milliseconds } from '../../src/page/components/numbers.ts';

describe('numbers', () => {
  it('groups digits', () => {
    expect(groupDigits(86_038.4)).toBe('86,038');
  });

  it.each([
    [0.001, '< 0.01 ms'],
    [0.341, '0.34 ms'],
    [9.96, '10 ms'],
    [12.4, '12 ms'],
  ])('writes %f milliseconds as %s', (value, text) => {
    expect(milliseconds(value)).toBe(text);
  });

  it('writes a change as a factor of the probability, or as a difference of scores', () => {
    expect(changeText(Math.log(5.2), 'log-probability')).toBe('× 5.2');
    expect(changeText(-Math.log(1200), 'log-probability')).toBe('÷ 1,200');
    expect(changeText(0.001, 'log-probability')).toBe('× 1');
    expect(changeText(-1.234, 'above-mean')).toBe('−1.23');
    expect(changeText(0.5, 'above-mean')).toBe('+0.50');
  });

  it('draws bars in proportion to the best score', () => {
    expect(barLengths([0, Math.log(0.5)], true)).toEqual([1, expect.closeTo(0.5, 12)]);
    expect(barLengths([4, 1, -0.9], false)).toEqual([1, 0.25, 0]);
    expect(barLengths([-0.5, -0.9], false)).toEqual([0, 0]);
    expect(barLengths([], true)).toEqual([]);
  });
});
