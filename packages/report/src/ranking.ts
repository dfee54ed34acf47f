import type { MetricName } from '@gru4rec/metrics';
import type { CutoffMeasures, ModelReport } from './report.ts';

/** A difference with a p-value below this is taken for more than chance. */
export const SIGNIFICANCE = 0.05;

/** @returns the figures at the cutoff of this place, which `checkReport` has found to be there (a view). */
export function resultAt(model: ModelReport, place: number): CutoffMeasures {
  return model.results[place] as CutoffMeasures;
}

/** The list length that recommenders are usually compared at: 20 if it is among them, else the longest. */
export function mainCutoff(cutoffs: readonly number[]): number {
  return cutoffs.includes(20) ? 20 : Math.max(...cutoffs);
}

/** Places of the cutoffs in the order in which they are shown: the main one, then the others as they were given. */
export function shownPlaces(models: readonly ModelReport[]): number[] {
  const cutoffs = models[0]?.results.map(({ cutoff }) => cutoff) ?? [];
  const main = cutoffs.indexOf(mainCutoff(cutoffs));
  return [main, ...Array.from(cutoffs.keys()).filter((place) => place !== main)];
}

/** @returns the figures at the main cutoff (a view). */
export function mainResult(model: ModelReport): CutoffMeasures {
  return resultAt(model, shownPlaces([model])[0] ?? 0);
}

/** @returns the models by MRR at the main cutoff, the best first; equal ones as they were given (fresh). */
export function rankModels(models: readonly ModelReport[]): ModelReport[] {
  return [...models].sort((a, b) => mainResult(b).mrr.mean - mainResult(a).mrr.mean);
}

/** The highest mean of a measure at the cutoff of this place. */
export function bestMean(models: readonly ModelReport[], place: number, key: MetricName): number {
  return Math.max(...models.map((model) => resultAt(model, place)[key].mean));
}
