import { describe, expect, it } from 'vitest';
import { chartLabel, rowsOf, scaleOf } from '../../src/charts/axes.ts';
import { renderChart } from '../../src/charts/chart.ts';

it('scaleOf has round ticks around the values, with as many decimals as needed', () => {
  expect(scaleOf([0.676, 0.719])).toEqual({
    min: expect.closeTo(0.67, 12),
    max: expect.closeTo(0.72, 12),
    interval: 0.01,
    decimals: 2,
  });
  expect(scaleOf([0, 0.86])).toEqual({ min: 0, max: 1, interval: 0.2, decimals: 1 });
  expect(scaleOf([0, 5210])).toEqual({ min: 0, max: 6000, interval: 2000, decimals: 0 });
  expect(scaleOf([3, 3])).toEqual({ min: 3, max: 4, interval: 1, decimals: 0 });
  expect(scaleOf([0])).toMatchObject({ min: 0, decimals: 1 });
});

describe('rowsOf', () => {
  const [short, long] = ['VSTAN', 'V-SKNN (decay=quadratic,scoreDecay=div,idfWeight=2)'];

  it('has short names on the left of the chart', () => {
    const { grid, yAxis, height } = rowsOf([short, 'POP'], ['0.1', '0.2']);
    expect(yAxis[0]).toMatchObject({ data: [short, 'POP'], axisLabel: { margin: 8 } });
    expect(rowsOf(['POP'], ['0.1']).grid.left).toBeLessThan(grid.left);
    expect(height).toBe(2 * 23);
  });

  it('has all names above their rows if one is long, in full and on two lines', () => {
    const { grid, yAxis } = rowsOf([short, long], ['0.1', '0.2']);
    const lines = long.replace('idf', '\nidf');
    expect(yAxis[0]).toMatchObject({ data: [short, lines], axisLabel: { inside: true, align: 'left' } });
    expect(grid.left).toBeLessThan(20);
  });
});

describe('chartLabel', () => {
  it('keeps what fits and marks the truncation', () => {
    expect(chartLabel('abcdef', 6)).toBe('abcdef');
    expect(chartLabel('abcdefg', 6)).toBe('abcde…');
    expect(chartLabel(' a\nb ', 6)).toBe('a b');
  });

  it('gives wide letters more space', () => {
    expect(chartLabel('推荐系统', 8)).toBe('推荐系统');
    expect(chartLabel('推荐系统', 7)).toBe('推荐系…');
    expect(chartLabel('GRUGRU', 8)).toBe('GRUGRU');
    expect(chartLabel('GRUGRU', 7)).toBe('GRUG…');
  });

  it('marks a name that every object inherits, which would otherwise change Object.prototype', () => {
    expect(chartLabel('toString', 20)).toBe('toString\u200b');
    const label = chartLabel('__proto__', 20);
    const option = { xAxis: { type: 'category', data: [label, label] }, yAxis: {}, series: [] };
    renderChart({ id: 'a', title: 't', description: 'd', height: 200, option });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('prev' in {}).toBe(false);
  });
});
