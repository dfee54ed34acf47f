import { metricNames, metrics } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { comparisonMarkdown } from '../src/comparison-markdown.ts';
import { fakeReport, reportOf, smallReport } from './fake-report.ts';

describe('comparisonMarkdown', () => {
  it('starts with the title, the warnings and the headline', () => {
    const parts = comparisonMarkdown(fakeReport).split('\n\n');
    expect(parts[0]).toBe(`# ${fakeReport.title}`);
    expect(parts[1]).toMatch(/^> \*\*Warning:\*\* 412 of 15,324 test sessions/);
    expect(parts[3]).toMatch(/^mix leads: /);
  });

  it('lists the best model first and the best of each column in bold', () => {
    const report = reportOf(
      { name: 'B', mrr: { mean: 0.2 }, recall: 0.6 },
      { name: 'A', mrr: { mean: 0.25 }, recall: 0.5 },
    );
    const others = metricNames.slice(2);
    const heads = others.map((name) => `${metrics[name].label}@20 | `).join('');
    const values = others.map(() => '**0.2500** | ').join('');
    expect(comparisonMarkdown(report)).toContain(
      [
        `| model | recall@20 | MRR@20 | ${heads}coverage | popularity bias |`,
        `| --- | --: | --: |${' --: |'.repeat(others.length + 2)}`,
        `| A | 0.5000 | **0.2500** | ${values}50.0 % | 2.00 |`,
        `| B | **0.6000** | 0.2000 | ${values}50.0 % | 2.00 |`,
      ].join('\n'),
    );
  });

  it('has a table per cutoff and breakdown, and one for the costs', () => {
    const page = comparisonMarkdown(fakeReport);
    for (const cutoff of [20, 5, 10]) expect(page).toContain(`| model | recall@${cutoff} | ± | 95 % | p |`);
    expect(page).toContain('| model | fit, s | memory, MiB | evaluate, s | runs |');
    expect(page).toContain(
      '## By popularity of the item\n\nrecall@20 / MRR@20\n\n| model | head (212 items) | 2 of 4 (1,204 items) |',
    );
    expect(page).toContain('| predictions | 71,222 |');
  });

  it('leaves out breakdowns that no model has', () => {
    expect(comparisonMarkdown(smallReport())).not.toContain('## By');
  });

  it('leaves a cell empty if a model lacks a group', () => {
    const [first, ...rest] = fakeReport.models;
    const page = comparisonMarkdown({ ...fakeReport, models: [{ ...first!, byLength: [] }, ...rest] });
    expect(page).toContain('| POP |  |  |  |  |  |  |');
  });

  it('shows examples, their titles on one line and not as markup', () => {
    expect(comparisonMarkdown(fakeReport)).toContain(
      [
        '## Examples',
        '',
        'Predictions on which mix and GRU4Rec differ most, and the rank that each gives to the next item.',
        '',
        '| clicks | next | rank by mix | rank by GRU4Rec |',
        '| --- | --- | --- | --- |',
        '| … 1,204 earlier → Kettle → Teapot \\<2 l\\> | Cup \\| saucer | 1 | 1,312 |',
        `| ${'A'.repeat(39)}… | Lamp | excluded | 2 |`,
      ].join('\n'),
    );
    expect(comparisonMarkdown(smallReport())).not.toContain('Examples');
  });

  it('states where the figures come from', () => {
    const page = comparisonMarkdown(fakeReport);
    expect(page).toContain('| predictions | 71,222 |');
    expect(page).toContain('| sampledNegatives | false |');
    expect(page).toContain('| STAN | k = 500, sampleSize = 5000,');
    expect(page).toContain('| POP | none |');
    expect(page).toContain('| mix | weight = 0.6; GRU4Rec: layers = 100, 50; VSTAN: none |');
  });

  it('escapes names, titles and values', () => {
    const report = { ...smallReport('<script>|*a*'), title: 'a\n# b', origin: { key: '[x](y)' } };
    const page = comparisonMarkdown(report);
    expect(page).toContain('# a \\# b\n');
    expect(page).toContain('| \\<script\\>\\|\\*a\\* |');
    expect(page).toContain('| key | \\[x\\](y) |');
  });

  it('refuses a report without models', () => {
    expect(() => comparisonMarkdown({ ...smallReport(), models: [] })).toThrow(
      'comparisonMarkdown: "models" expected at least one model, got 0.',
    );
  });
});
