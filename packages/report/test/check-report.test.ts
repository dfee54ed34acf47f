import { describe, expect, it } from 'vitest';
import { checkReport } from '../src/check-report.ts';
import type { ComparisonReport, ModelReport } from '../src/report.ts';
import { fakeReport, smallReport } from './fake-report.ts';

const [model] = smallReport().models as [ModelReport];
const [result] = model.results as [ModelReport['results'][number]];
const withModels = (...models: ModelReport[]): ComparisonReport => ({ ...smallReport(), models });

describe('checkReport', () => {
  it('accepts reports large and small', () => {
    expect(() => checkReport(fakeReport, 'f')).not.toThrow();
    expect(() => checkReport(smallReport(), 'f')).not.toThrow();
  });

  it('does not check options', () => {
    expect(() => checkReport(withModels({ ...model, options: { limit: Number.NaN } }), 'f')).not.toThrow();
  });

  it.each([
    [[], '"models" expected at least one model, got 0. Evaluate a model first.'],
    [[{ ...model, results: [] }], '"models[0].results" expected at least one cutoff, got 0. Give a cutoff.'],
    [[model, model], '"models[1].name" expected a unique name, got "POP". Rename the model.'],
    [[{ ...model, name: '\n' }], '"models[0].name" expected a unique name, got "". Rename the model.'],
    [
      [model, { ...model, name: 'B', results: [{ ...result, cutoff: 5 }] }],
      '"models[1].results" expected the cutoffs 20 of models[0], got 5. Evaluate all models alike.',
    ],
    [
      [{ ...model, fitSeconds: Number.NaN }],
      '"models[0].fitSeconds" expected a finite number, got NaN. Leave the model out, or find out why.',
    ],
    [
      [{ ...model, results: [{ ...result, mrr: { mean: 0.1, interval: [0, Number.POSITIVE_INFINITY] } }] }],
      '"models[0].results[0].mrr.interval[1]" expected a finite number, got Infinity. Leave the model out, or find out why.',
    ],
  ] as const)('refuses report %#', (models, message) => {
    expect(() => checkReport(withModels(...(models as unknown as ModelReport[])), 'comparisonJson')).toThrow(
      new RangeError(`comparisonJson: ${message}`),
    );
  });
});
