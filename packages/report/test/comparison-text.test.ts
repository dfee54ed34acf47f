import { describe, expect, it } from 'vitest';
import {
  comparisonJson,
  comparisonLatex,
  comparisonMarkdown,
  formatComparison,
} from '../src/comparison-text.ts';
import { fakeReport, reportOf, smallReport } from './fake-report.ts';

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

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
    expect(parts[3]).toMatch(/^best leads: /);
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
    const small = smallReport();
    const report = { ...small, models: small.models.map((model) => ({ ...model, byTraining })) };
    const text = formatComparison(report, { columns: 100 });
    expect(text).toContain('By whether the item has training clicks: recall@20 / MRR@20');
    expect(text).toMatch(/│ +warm │ +cold │[\s\S]*│ predictions │ +1,200 │ +34 │/);
    expect(text).toMatch(/│ +0\.5000 \/ 0\.2500 │ +0\.1250 \/ 0\.0625 │/);
    expect(comparisonMarkdown(report)).toContain('## By whether the item has training clicks');
    expect(JSON.parse(comparisonJson(report)).models[0].byTraining).toEqual(byTraining);
    expect(formatComparison(small, { columns: 100 })).not.toContain('cold');
  });

  it('reports the stored sessions and their bytes if a model stores any', () => {
    const text = formatComparison(fakeReport, { columns: 400 });
    expect(text).toMatch(/│ S-KNN +│.*│ +17,794 │ +42\.9 │/);
    expect(formatComparison(smallReport(), { columns: 80 })).not.toContain('sessions kept');
  });

  it.each([1000, 100, 60])('fits into %d columns', (columns) => {
    const text = formatComparison(fakeReport, { columns });
    expect(widest(text)).toBeLessThanOrEqual(columns);
    expect(text.replace(/\s+/g, ' ').includes('A wider terminal')).toBe(columns < 1000);
  });

  it('explains only what it contains', () => {
    expect(formatComparison(smallReport(), { columns: 400 })).toMatch(/\n\n\*: best of the column\.$/);
    expect(formatComparison(fakeReport, { columns: 400 })).toContain(
      '*: best of the column; ±: standard deviation over seeds; 95 %: interval by session; ' +
        'p: against the best, two-sided, paired by session, not corrected for the number of models.',
    );
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
});

describe('comparisonMarkdown', () => {
  it('has a table per cutoff and breakdown, and one for the costs', () => {
    const page = comparisonMarkdown(fakeReport);
    for (const cutoff of [20, 5, 10]) expect(page).toContain(`| model | recall@${cutoff} | ± | 95 % | p |`);
    expect(page).toContain('| model | fit, s | memory, MiB | evaluate, s | runs |');
    expect(page).toContain(
      '## By popularity of the item\n\nBy popularity of the item: recall@20 / MRR@20\n\n| model | head (212 items) | 2 of 4 (1,204 items) |',
    );
    expect(page).toContain('| predictions | 71,222 |');
  });

  it('has a dash if a model lacks a group', () => {
    const [first, ...rest] = fakeReport.models;
    const page = comparisonMarkdown({ ...fakeReport, models: [{ ...first!, byLength: [] }, ...rest] });
    expect(page).toContain('| POP | – | – | – | – | – | – |');
  });

  it('shows examples, their titles on one line and not as markup', () => {
    expect(comparisonMarkdown(fakeReport)).toContain(
      [
        '## Examples',
        '',
        'Predictions on which best and GRU4Rec differ most, and the rank that each gives to the next item.',
        '',
        '| clicks | next | rank by best | rank by GRU4Rec |',
        '| --- | --- | --: | --: |',
        '| … 1,204 earlier → Kettle → Teapot \\<2 l\\> | Cup \\| saucer | 1 | 1,312 |',
        `| ${'A'.repeat(39)}… | Lamp | excluded | 2 |`,
      ].join('\n'),
    );
    expect(comparisonMarkdown(smallReport())).not.toContain('Examples');
  });

  it('states where the figures come from', () => {
    const page = comparisonMarkdown(fakeReport);
    expect(page).toContain('| sampledNegatives | false |');
    expect(page).toContain('| STAN | k = 500, lambdaSpw = 1.22');
    expect(page).toContain('| POP | none |');
    expect(page).toContain('| best | layers = 100, 50, loss = cross-entropy |');
  });

  it('escapes names, titles and values', () => {
    const report = { ...smallReport('<script>|*a*'), title: 'a\n# b', origin: { key: '[x](y)' } };
    const page = comparisonMarkdown(report);
    expect(page).toContain('# a \\# b\n');
    expect(page).toContain('| \\<script\\>\\|\\*a\\* |');
    expect(page).toContain('| key | \\[x\\](y) |');
  });
});

describe('comparisonLatex', () => {
  const heads = (columns?: string[]) => comparisonLatex(fakeReport, columns).split('\n')[3];

  it('has every column, or those that are kept', () => {
    expect(heads()?.split('&')).toHaveLength(15);
    expect(heads(['recall', 'mrr'])).toBe('model & recall@20 & MRR@20 \\\\');
    expect(heads(['mrr', 'p', 'bias'])).toBe('model & MRR@20 & p & popularity bias \\\\');
  });
});

it('comparisonJson starts with the format, followed by every field of the report that has a value', () => {
  const text = comparisonJson(fakeReport);
  const { format, formatVersion, ...rest } = JSON.parse(text);
  expect([format, formatVersion]).toEqual(['gru4rec-comparison', 1]);
  expect(rest).toEqual(JSON.parse(JSON.stringify(fakeReport)));
  expect(text).toMatch(/^\{\n {2}"format": /);
  expect(text).toMatch(/\}\n$/);
});
