import { describe, expect, it } from 'vitest';
import { headlineOf } from '../src/headline.ts';
import { type ModelReport, mainCutoff } from '../src/report.ts';
import type { Measure } from '../src/table.ts';
import { fakeReport, reportOf } from './fake-report.ts';

const a = { name: 'A', mrr: { mean: 0.3 } };

describe('headlineOf', () => {
  it('states the winner, the lead over the second, and the largest p-value', () => {
    const report = reportOf({ name: 'C', mrr: { mean: 0.1, p: 0.0004 } }, a, {
      name: 'B',
      mrr: { mean: 0.25, p: 0.012 },
    });
    expect(headlineOf(report)).toBe(
      `A wins: its MRR@20 of 0.3000 is ${(100 * (0.3 / 0.25 - 1)).toFixed(1)} % above that of B, the second, ` +
        'and too much for chance against every other model (p ≤ 0.012, paired by session).',
    );
  });

  type Model = { readonly name: string; readonly mrr: Measure; readonly recall?: number };
  const [b, c] = [{ name: 'B' }, { name: 'C', mrr: { mean: 0.1 } }];
  it.each<[string, Model[], string]>([
    [
      'a p-value below a thousandth as a bound',
      [a, { ...b, mrr: { mean: 0.25, p: 0.0001 } }],
      'against every other model (p < 0.001, paired by session).',
    ],
    [
      'a p-value of exactly 0.05 as possible chance',
      [a, { ...b, mrr: { mean: 0.25, p: 0.05 } }],
      'but the lead over B (p 0.050) may be chance.',
    ],
    [
      'that nothing was tested',
      [a, { ...b, mrr: { mean: 0.2 } }],
      'A leads: its MRR@20 of 0.3000 is 50.0 % above that of B, the second, but no test says whether that is chance.',
    ],
    [
      'how many tests there are',
      [a, { ...b, mrr: { mean: 0.2, p: 0.01 } }, c],
      'against 1 of 2 others (p ≤ 0.010',
    ],
    ['a shared first place', [a, { ...b, mrr: a.mrr }, c], 'A and B share the best MRR@20 of 0.3000.'],
    ['no ratio to 0', [a, { ...b, mrr: { mean: 0 } }], 'is above the 0 of B, the second'],
    [
      'the best model by recall if it is another',
      [
        { ...a, recall: 0.4 },
        { ...b, mrr: { mean: 0.2 }, recall: 0.5 },
      ],
      ' By recall@20 the best is B, 0.5000.',
    ],
    ['a single model', [a], 'A is the only model: MRR@20 0.3000, recall@20 0.6000.'],
  ])('states %s', (_, models, text) => {
    expect(headlineOf(reportOf(...models))).toContain(text);
  });

  it.each<[string, Measure, Measure, string]>([
    ['may be chance in recall and MRR', { mean: 0.49, p: 0.05 }, { mean: 0.29, p: 0.2 }, 'GRU4Rec'],
    ['is none', { mean: 0.51 }, { mean: 0.31 }, 'GRU4Rec'],
    ['is no chance in recall', { mean: 0.49, p: 0.04 }, { mean: 0.31 }, ''],
    ['is no chance in MRR', { mean: 0.51 }, { mean: 0.29, p: 0.04 }, ''],
    ['was not tested', { mean: 0.49 }, { mean: 0.31 }, ''],
    ['is that of no network', { mean: 0.51 }, { mean: 0.31 }, 'VSTAN'],
  ])('says whether counts may suffice if the lead over it %s', (_, recall, mrr, name) => {
    const curves = name === 'VSTAN' ? [] : [{ seed: 1, epochs: [] }];
    const { models, ...report } = reportOf({ ...a, recall: 0.5 }, { name: 'counts', mrr });
    const [best, counts] = models as [ModelReport, ModelReport];
    const results = counts.results.map((result) => ({ ...result, recall, mrr }));
    const headline = headlineOf({
      ...report,
      models: [
        { ...best, curves },
        { ...counts, results },
      ],
    });
    const text =
      ' Without a network, counts is not worse than the best by more than chance: it may suffice on this log.';
    expect(headline.endsWith(text)).toBe(name === 'GRU4Rec');
  });

  it('names the models over which the lead may be chance', () => {
    expect(headlineOf(fakeReport)).toContain(
      'best leads: its MRR@20 of 0.2904 is 0.4 % above that of VSTAN, the second, but the lead over ' +
        'VSTAN (p 0.242), GRU4Rec (p 0.118) and STAN (p 0.061) may be chance.',
    );
  });

  it('is about 20 items, or the longest list', () => {
    expect(
      [
        [5, 10, 20],
        [1, 5, 20, 100],
        [10, 5],
      ].map(mainCutoff),
    ).toEqual([20, 20, 10]);
    const { models, ...report } = reportOf(a, { name: 'B', mrr: { mean: 0.1 } });
    const withShort = models.map((model) => ({
      ...model,
      results: [...model.results.map((one) => ({ ...one, cutoff: 5, mrr: { mean: 0.1 } })), ...model.results],
    }));
    expect(headlineOf({ ...report, models: withShort })).toContain('its MRR@20 of 0.3000 is 200.0 % above');
  });
});
