import { describe, expect, it } from 'vitest';
import { type Chart, renderChart } from '../../src/charts/chart.ts';
import { costChart, curveCharts, groupChart, intervalChart } from '../../src/charts/model-charts.ts';
import { BREAKDOWNS, COSTS } from '../../src/comparison-tables.ts';
import { type ModelReport, rankModels } from '../../src/report.ts';
import { fakeReport, smallReport } from '../fake-report.ts';

const ranked = rankModels(fakeReport.models);
const draw = (chart: Chart): string => renderChart(chart).text;
const count = (text: string, part: string): number => text.split(part).length - 1;

describe('renderChart', () => {
  it('leaves no trace of the library or of earlier charts', () => {
    for (const svg of [draw(groupChart(ranked, BREAKDOWNS[0], 20)), draw(costChart(ranked, COSTS[0]!))]) {
      expect(svg).not.toMatch(/ecmeta|xml:space|zr\d|<style/);
    }
  });

  it('uses CSS variables for colours, so that a page can switch schemes', () => {
    const svg = draw(intervalChart(ranked, 'recall', 'a'));
    expect(svg).toContain('fill="var(--c1)"');
    expect(svg).not.toMatch(/(?:fill|stroke)="(?!var\(|none|#000)/);
  });
});

describe('intervalChart', () => {
  it('draws a whisker and writes name and mean for each model', () => {
    const svg = draw(intervalChart(ranked, 'recall', 'a'));
    expect(count(svg, '<polyline')).toBe(14);
    for (const { name, results } of ranked) {
      expect(svg).toContain(`>${name}</text>`);
      expect(svg).toContain(`>${results[0]!.recall.mean.toFixed(4)}</text>`);
    }
  });

  it('draws no whisker without an interval', () => {
    expect(draw(intervalChart(smallReport().models, 'mrr', 'a'))).not.toContain('<polyline');
  });
});

describe('groupChart', () => {
  it('draws a line per model, the best five in colour, and the number of predictions below each group', () => {
    const svg = draw(groupChart(ranked, BREAKDOWNS[0], 20));
    expect(count(svg, 'stroke="var(--other)"')).toBe(9);
    for (const color of [1, 2, 3, 4, 5]) expect(svg).toContain(`stroke="var(--c${color})"`);
    for (const { name } of ranked) expect(svg).not.toContain(`>${name}</text>`);
    expect(svg).toContain('>71,222</text>');
  });

  it.each(BREAKDOWNS)('writes the whole name of the axis within the chart: $id', (breakdown) => {
    const models = ranked.map((model) => ({ ...model, [breakdown.key]: model.byPosition.slice(0, 2) }));
    const chart = groupChart(models, breakdown, 20);
    const { name } = chart.option['xAxis'] as { readonly name: string };
    expect(name.replaceAll('\n', ' ')).toBe(`${breakdown.axis}; below: predictions`);
    // Of 7 pixels each, in twice the 167 pixels between the middle of the axis and the right edge.
    for (const line of name.split('\n')) expect(line.length).toBeLessThanOrEqual(48);
    for (const line of name.split('\n')) expect(draw(chart)).toContain(`>${line}</text>`);
  });

  it('leaves a gap if a model lacks a group', () => {
    const [first, ...rest] = ranked as [ModelReport, ...ModelReport[]];
    const chart = groupChart(
      [{ ...first, byPosition: first.byPosition.slice(1) }, ...rest],
      BREAKDOWNS[0],
      20,
    );
    expect(chart.description).toContain(`${first.name} none`);
    expect(draw(chart)).toContain('stroke="var(--c1)"');
  });
});

describe('curveCharts', () => {
  const named = (name: string): ModelReport => ranked.find((model) => model.name === name)!;

  it('has loss, and recall and MRR if they were measured', () => {
    const idsOf = (name: string) => curveCharts(named(name), 2).map(({ id }) => id);
    expect(idsOf('GRU4Rec')).toEqual(['curve-2-loss', 'curve-2-recall', 'curve-2-mrr']);
    expect([idsOf('BPR-MF'), idsOf('POP')]).toEqual([['curve-2-loss'], []]);
  });

  it('draws a line per seed in the model’s colour, with a label if there are several', () => {
    const model = named('GRU4Rec');
    expect(draw(curveCharts(model, 0)[0]!)).toMatch(/>seed 1<[\s\S]*>seed 2<[\s\S]*>seed 3</);
    const colors = draw(curveCharts(model, 2)[0]!).match(/var\(--c\d\)/g);
    expect(new Set(colors)).toEqual(new Set(['var(--c3)']));
    const single = { ...model, curves: model.curves.slice(0, 1) };
    expect(draw(curveCharts(single, 0)[0]!)).not.toContain('>seed');
  });

  it('draws a single epoch', () => {
    const curves = [{ seed: 1, epochs: [{ epoch: 1, loss: 5 }] }];
    const [chart] = curveCharts({ ...named('POP'), curves }, 0);
    expect(chart?.description).toBe('Seed 1: 5 in epoch 1, 5 in epoch 1.');
    expect(draw(chart!)).toContain('var(--c1)');
  });
});

describe('costChart', () => {
  it.each(COSTS)('writes the cost of each model: $id', (cost) => {
    const svg = draw(costChart(ranked, cost));
    const { format, unit } = cost.alike(ranked.map((model) => model[cost.key]));
    for (const model of ranked)
      expect(svg).toContain(`>${format(model[cost.key]).replace('<', '&lt;')}</text>`);
    expect(svg).toContain(`<title id="cost-${cost.id}-title">${cost.name}, ${unit}</title>`);
  });

  it('is logarithmic if costs differ a lot', () => {
    const svg = draw(costChart(ranked, COSTS[0]!));
    for (const text of ['s, logarithmic', '0.001', '0.1', '10', '1k'])
      expect(svg).toContain(`>${text}</text>`);
    expect(draw(costChart(ranked, COSTS[2]!))).toContain('>s</text>');
  });

  it('draws costs of 0', () => {
    expect(draw(costChart(smallReport().models, COSTS[0]!))).toContain('>0.000</text>');
    const zero = { ...ranked[0]!, fitSeconds: 0 };
    expect(draw(costChart([zero, ...ranked.slice(1)], COSTS[0]!))).toContain('>0.0</text>');
  });
});
