import { describe, expect, it } from 'vitest';
import { chartLabel } from '../../src/charts/chart-label.ts';
import { renderChart } from '../../src/charts/render-chart.ts';

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

  it.each(['__proto__', 'constructor', 'toString'])('marks %s, which every object inherits', (name) => {
    expect(chartLabel(name, 20)).toBe(`${name}\u200b`);
  });

  it('does not change Object.prototype for such a name', () => {
    const label = chartLabel('__proto__', 20);
    const option = { xAxis: { type: 'category', data: [label, label] }, yAxis: {}, series: [] };
    renderChart({ id: 'a', title: 't', description: 'd', height: 200, option });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('prev' in {}).toBe(false);
  });
});
