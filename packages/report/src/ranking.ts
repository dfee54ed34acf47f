import { type Metric, type MetricName, metricAt, metricNames, metrics } from '@gru4rec/metrics';
import type { CutoffMeasures, ModelReport } from './report.ts';

/** Differences with a smaller p-value count as significant. */
export const SIGNIFICANCE = 0.05;

/** @returns the figures at the cutoff with this index (a view); `checkReport` has ensured that they exist. */
export function resultAt(model: ModelReport, place: number): CutoffMeasures {
  return model.results[place] as CutoffMeasures;
}

/** The main cutoff: 20, at which recommenders are usually compared, if it is among them, else the largest. */
export function mainCutoff(cutoffs: readonly number[]): number {
  return cutoffs.includes(20) ? 20 : Math.max(...cutoffs);
}

/** Indices of the cutoffs in display order: the main one, then the others in the given order. */
export function shownPlaces(models: readonly ModelReport[]): number[] {
  const cutoffs = models[0]?.results.map(({ cutoff }) => cutoff) ?? [];
  const main = cutoffs.indexOf(mainCutoff(cutoffs));
  return [main, ...Array.from(cutoffs.keys()).filter((place) => place !== main)];
}

/** @returns the figures at the main cutoff (a view). */
export function mainResult(model: ModelReport): CutoffMeasures {
  return resultAt(model, shownPlaces([model])[0] ?? 0);
}

/** @returns the models by MRR at the main cutoff, best first, equal ones in the given order (fresh). */
export function rankModels(models: readonly ModelReport[]): ModelReport[] {
  return [...models].sort((a, b) => mainResult(b).mrr.mean - mainResult(a).mrr.mean);
}

/** The highest mean of a measure at the cutoff with this index. */
export function bestMean(models: readonly ModelReport[], place: number, key: string): number {
  return Math.max(...models.map((model) => metricAt(resultAt(model, place), key).mean));
}

/** The metrics of models: keys of the registry, then labels of the caller's. */
export function namesOfMetrics([model]: readonly ModelReport[]): string[] {
  return [...metricNames, ...Object.keys(model?.results[0]?.own ?? {})];
}

/** The label of a metric, and whether narrow tables leave it out first. */
export function metricLook(name: string): Pick<Metric, 'label' | 'secondary'> {
  return metrics[name as MetricName] ?? { label: name };
}
