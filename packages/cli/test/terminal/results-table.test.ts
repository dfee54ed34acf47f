import type { NamedEvaluation } from '@gru4rec/comparison';
import { mapMetrics, metricNames, metrics } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { formatGain, formatResults } from '../../src/terminal/results-table.ts';

function evaluation(name: string, recall: number, mrr: number): NamedEvaluation {
  const metrics = { ...mapMetrics(() => 0.25), recall, mrr };
  const result = { cutoff: 20, ...metrics, coverage: 1 / 2, meanPopularity: 0.01 };
  const run = { predictions: 100, sessions: 50, tieRule: 'standard' as const, excludeSeen: false };
  const ties = { targets: 100, tied: 0, most: 0 };
  return { name, ...run, excludedTargets: 0, ties, warnings: [], results: [result] };
}

/** The texts between the vertical lines of a row. */
const cellsOf = (line: string) =>
  line
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('formatResults', () => {
  it('lists the model below the baselines, with gains over the best of them', () => {
    const baselines = [
      evaluation('POP', 0.1, 0.05),
      evaluation('item-KNN', 0.4, 0.05),
      evaluation('SR', 0.3, 0.2),
    ];
    const text = formatResults({ model: evaluation('GRU4Rec', 0.5, 0.25), baselines });
    const lines = text.split('\n');
    const others = metricNames.slice(2);
    const heads = others.map((name) => `${metrics[name].label}@20`);
    const values = others.map(() => '0.2500');
    expect(lines.filter((line) => line.startsWith('│')).map(cellsOf)).toEqual([
      ['', 'recall@20', 'MRR@20', ...heads, 'coverage', 'recall gain', 'MRR gain'],
      ['POP', '0.1000', '0.0500', ...values, '50.0 %', '−75.0 %', '−75.0 %'],
      ['item-KNN', '0.4000', '0.0500', ...values, '50.0 %', '–', '−75.0 %'],
      ['SR', '0.3000', '0.2000', ...values, '50.0 %', '−25.0 %', '–'],
      ['GRU4Rec', '0.5000', '0.2500', ...values, '50.0 %', '+25.0 %', '+25.0 %'],
    ]);
    expect(new Set(lines.slice(0, -1).map((line) => line.length)).size).toBe(1);
    const [one, two] = [evaluation('GRU4Rec', 0.5, 0.25), evaluation('GRU4Rec, features', 0.6, 0.2)];
    const both = formatResults({ model: two, baselines, others: [one] }).split('\n');
    expect(both.filter((line) => /GRU4Rec/.test(line)).map((line) => cellsOf(line).slice(-2))).toEqual([
      ['+25.0 %', '+25.0 %'],
      ['+50.0 %', '–'],
    ]);
    expect(lines.at(-1)).toBe('Gains are over the best baseline of the column.');
  });

  it('leaves out the gains without a baseline', () => {
    expect(formatResults({ model: evaluation('GRU4Rec', 0.5, 0.25), baselines: [] })).not.toContain('gain');
  });

  it('adds intervals in brackets', () => {
    const model = evaluation('GRU4Rec', 0.5, 0.25);
    const results = model.results.map((result) => ({
      ...result,
      interval: { ...mapMetrics(() => [0.3, 0.4] as const), recall: [0.4, 0.6] as const },
    }));
    const text = formatResults({ model: { ...model, results }, baselines: [] });
    expect(text).toContain('0.5000 (0.4000–0.6000)');
    expect(text).toContain('(0.3000–0.4000)');
  });
});

describe('formatGain', () => {
  it.each([
    [0.6, 0.5, '+20.0 %'],
    [0.4, 0.5, '−20.0 %'],
    [0.5, 0.5, '–'],
    [0.5, 0, '–'],
  ])('writes %d over %d as %s', (value, base, text) => {
    expect(formatGain(value, base)).toBe(text);
  });
});
