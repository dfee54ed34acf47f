import { describe, expect, it } from 'vitest';
import { CHART, curveOf } from '../../src/page/components/curve.ts';

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
