import { metricNames, metrics } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { comparisonJson } from '../src/comparison-json.ts';
import { comparisonMarkdown } from '../src/comparison-markdown.ts';
import { formatComparison } from '../src/format-comparison.ts';
import { fakeReport, reportOf, smallReport } from './fake-report.ts';

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

/** Characters of the primary metrics besides recall and MRR in a table: alone, with ± and p, and with intervals; and of all. */
const others = metricNames.filter((name) => !metrics[name].secondary).length - 2;
const [narrow, tested, certain] = [15 * others, 32 * others, 51 * others];
const wide = 60 * (metricNames.length - 3);

describe('formatComparison', () => {
  it('writes a line per model, the best MRR first, with the best of each column marked', () => {
    const report = reportOf(
      { name: 'B', mrr: { mean: 0.2, sd: 0.01, interval: [0.1, 0.3], p: 0.2 }, recall: 0.6 },
      { name: 'A', mrr: { mean: 0.25 }, recall: 0.5 },
    );
    const text = formatComparison(report, { columns: 160 });
    const lines = text.split('\n').filter((line) => /^│ [AB] /.test(line));
    expect(lines.map((line) => line[2])).toEqual(['A', 'B', 'A', 'B']);
    expect(lines[0]).toMatch(/│ +0\.5000 {2}│ +0\.2500\* │/);
    expect(lines[1]).toMatch(/│\s+0\.6000\* │\s+0\.2000 {2}│ 0\.0100 │ 0\.1000–0\.3000 │ 0\.200 │/);
  });

  it('begins with title, warnings and headline', () => {
    const parts = formatComparison(fakeReport, { columns: 400 }).split('\n\n');
    expect(parts[0]).toBe(fakeReport.title);
    expect(parts[1]).toBe(`Warning: ${fakeReport.warnings[0]}`);
    expect(parts[2]).toBe(`Warning: ${fakeReport.warnings[1]}`);
    expect(parts[3]).toMatch(/^mix leads: /);
  });

  it('has a table per cutoff, and one of time and memory', () => {
    const text = formatComparison(fakeReport, { columns: 400 });
    for (const head of ['MRR@20', 'MRR@5', 'MRR@10', 'evaluate, s']) expect(text).toContain(` ${head} `);
    expect(text).toMatch(/│ +fit, s │ +memory, MiB │ +evaluate, s │/);
    expect(text).toMatch(/│ GRU4Rec +│ +5,210\.0 │ +28\.4 │ +9\.4 │ +3 │/);
    expect(text).toMatch(/│ POP +│ +< 0\.1 │ +0\.2 │ +3\.1 │ +1 │/);
  });

  it('shows warm and cold targets apart if there are cold items', () => {
    const byTraining = [
      { label: 'warm', predictions: 1200, recall: 0.5, mrr: 0.25 },
      { label: 'cold', predictions: 34, recall: 0.125, mrr: 0.0625 },
    ];
    const report = {
      ...smallReport(),
      models: smallReport().models.map((model) => ({ ...model, byTraining })),
    };
    const text = formatComparison(report, { columns: 100 });
    expect(text).toMatch(
      /Recall@\d+ \/ MRR@\d+ of items with training clicks \(warm\) and without \(cold\):/,
    );
    expect(text).toMatch(/│ +warm \(1,200 predictions\) │ +cold \(34 predictions\) │/);
    expect(text).toMatch(/│ +0\.5000 \/ 0\.2500 │ +0\.1250 \/ 0\.0625 │/);
    expect(comparisonMarkdown(report)).toContain('## By whether the item has training clicks');
    expect(JSON.parse(comparisonJson(report)).models[0].byTraining).toEqual(byTraining);
    expect(formatComparison(smallReport(), { columns: 100 })).not.toContain('cold');
  });

  it('reports the stored sessions and their bytes if a model stores any', () => {
    const text = formatComparison(fakeReport, { columns: 400 });
    expect(text).toMatch(/│ S-KNN +│.*│ +17,794 │ +42\.9 │/);
    expect(formatComparison(smallReport(), { columns: 80 })).not.toContain('sessions kept');
  });

  it('leaves out columns that do not fit, the least important first', () => {
    const heads = (columns: number): string =>
      formatComparison(fakeReport, { columns })
        .split('\n')
        .find((line) => line.includes('recall@20 ')) ?? '';
    expect(heads(250 + wide)).toMatch(/nDCG@20.*popularity bias/);
    expect(heads(140 + certain)).not.toContain('nDCG');
    expect(heads(140 + certain)).toMatch(/95 %.*coverage/);
    expect(heads(110 + certain)).not.toContain('coverage');
    expect(heads(110 + certain)).toContain('95 %');
    expect(heads(80 + tested)).not.toContain('95 %');
    expect(heads(80 + tested)).toMatch(/±.* p /);
    expect(heads(50 + narrow)).not.toContain('±');
    expect(heads(40 + narrow)).toMatch(/^│ +│ recall@20 │ +MRR@20 │/);
  });

  it.each([250, 160, 120, 100, 80, 60, 44])('fits into %d columns', (columns) => {
    const text = formatComparison(fakeReport, { columns: columns + (columns < 250 ? narrow : wide) });
    expect(widest(text)).toBeLessThanOrEqual(columns + (columns < 250 ? narrow : wide));
    expect(text.replace(/\s+/g, ' ').includes('A wider terminal')).toBe(columns < 250);
  });

  it('explains only what it contains', () => {
    expect(formatComparison(smallReport(), { columns: 80 + wide })).toMatch(/\n\n\*: best of the column\.$/);
    expect(formatComparison(fakeReport, { columns: 400 })).toContain(
      '*: best of the column; ±: standard deviation over seeds; 95 %: interval by session; ' +
        'p: against the best, two-sided, paired by session, not corrected for the number of models.',
    );
  });

  it('writes ratios of a column with the same decimals', () => {
    const text = formatComparison(fakeReport, { columns: 400 });
    expect(text).toMatch(/│ mix .* 1\.50 │\n.*│ VSTAN .* 1\.70 │/);
  });

  it('shows the usual cutoff first', () => {
    const [, second, third] = fakeReport.models[0]!.results;
    const models = fakeReport.models.map((model) => {
      const [first, ...others] = model.results;
      return { ...model, results: [...others, first!] };
    });
    const heads = formatComparison({ ...fakeReport, models }, { columns: 80 }).match(/MRR@\d+ /g);
    expect(heads?.map((head) => head.trim())).toEqual([
      'MRR@20',
      'MRR@20',
      `MRR@${second?.cutoff}`,
      `MRR@${third?.cutoff}`,
    ]);
  });

  it('wraps long names, so that columns stay', () => {
    const long = 'GRU4Rec rsc15-100k-tuned-cross-entropy';
    const report = reportOf(
      { name: long, mrr: { mean: 0.2 } },
      { name: `${long}-two-layers`, mrr: { mean: 0.1 } },
    );
    const text = formatComparison(report, { columns: 80 });
    expect(text).toMatch(/│ GRU4Rec rsc15-100k- +│ +0\.4000\* │.*│\n│ tuned-cross-entropy +│ +│/);
    expect(widest(text)).toBeLessThanOrEqual(80);
  });

  it('removes control characters from names', () => {
    expect(formatComparison(smallReport('a\u001b[2Jb\nc'), { columns: 80 })).not.toContain('\u001b');
  });

  it.each([19, 80.5, Number.NaN])('refuses %d columns', (columns) => {
    expect(() => formatComparison(smallReport(), { columns })).toThrow(
      new RangeError(
        `formatComparison: "columns" expected integer >= 20, got ${columns}. Give the width of the terminal.`,
      ),
    );
  });

  it('refuses a report without models', () => {
    expect(() => formatComparison({ ...smallReport(), models: [] }, { columns: 80 })).toThrow(
      'formatComparison: "models" expected at least one model, got 0.',
    );
  });
});
