import type { CutoffMeasures, ModelReport } from './report.ts';

/** A measure that has a best model. */
export type MeasureKey = 'recall' | 'mrr' | 'ndcg';

/** Those measures in the order of the tables, and how they are written. */
export const MEASURES: readonly { readonly key: MeasureKey; readonly name: string }[] = [
  { key: 'recall', name: 'recall' },
  { key: 'mrr', name: 'MRR' },
  { key: 'ndcg', name: 'nDCG' },
];

/** A difference with a p-value below this is taken for more than chance. */
export const SIGNIFICANCE = 0.05;

/** @returns the figures at the cutoff of this place, which `checkReport` has found to be there (a view). */
export function resultAt(model: ModelReport, place: number): CutoffMeasures {
  return model.results[place] as CutoffMeasures;
}

/** @returns the models by MRR at the first cutoff, the best first; equal ones as they were given (fresh). */
export function rankModels(models: readonly ModelReport[]): ModelReport[] {
  return [...models].sort((a, b) => resultAt(b, 0).mrr.mean - resultAt(a, 0).mrr.mean);
}

/** The highest mean of a measure at the cutoff of this place. */
export function bestMean(models: readonly ModelReport[], place: number, key: MeasureKey): number {
  return Math.max(...models.map((model) => resultAt(model, place)[key].mean));
}
