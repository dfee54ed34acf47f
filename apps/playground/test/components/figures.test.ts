import { describe, expect, it } from 'vitest';
import {
  barLengths,
  CHART,
  changeText,
  curveOf,
  groupDigits,
  milliseconds,
} from '../../src/page/components/figures.ts';

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

describe('curveOf', () => {
  it('draws a path from the left edge to the present epoch, within the chart', () => {
    const { path, last, xTicks, yTicks } = curveOf(
      [
        [0, 8],
        [1, 6],
        [2, 5.5],
      ],
      4,
    );
    expect(path).toMatch(/^M44,[\d.]+L[\d.]+,[\d.]+L[\d.]+,[\d.]+$/);
    expect(last?.[0]).toBeCloseTo((CHART.left + CHART.width - CHART.right) / 2, 6);
    expect(xTicks.map(({ label }) => label)).toEqual(['0', '1', '2', '3', '4']);
    expect(yTicks.length).toBeGreaterThan(2);
    for (const { at } of yTicks) {
      expect(at).toBeGreaterThanOrEqual(CHART.top);
      expect(at).toBeLessThanOrEqual(CHART.height - CHART.bottom);
    }
  });

  it('draws nothing without points, and a single one', () => {
    expect(curveOf([], 3)).toMatchObject({ path: '', last: undefined, yTicks: [] });
    expect(curveOf([[1, 0.4]], 1).last?.every(Number.isFinite)).toBe(true);
  });
});
