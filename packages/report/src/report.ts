import {
  type Metric,
  type MetricName,
  metricNames,
  metrics,
  type PerMetric,
  type RankGroup,
} from '@gru4rec/metrics';
import type { Measure } from './table.ts';

/** The figures of a model for lists of `cutoff` items. */
export interface CutoffMeasures extends PerMetric<Measure> {
  readonly cutoff: number;
  /** Share of the catalogue that is in at least one list. */
  readonly coverage: number;
  /** How much the lists favour popular items, in the unit of the evaluation. */
  readonly popularityBias: number;
  /** Mean of 1 − cosine over the pairs of a list; absent if it was not measured. */
  readonly intraListDistance?: number | undefined;
}

/** One training run by epoch. Recall and MRR are of the validation sessions. */
export interface LearningCurve {
  readonly seed: number;
  readonly epochs: readonly {
    readonly epoch: number;
    readonly loss: number;
    readonly recall?: number | undefined;
    readonly mrr?: number | undefined;
  }[];
}

/** The figures of one model. */
export interface ModelReport {
  /** Unique among the models. */
  readonly name: string;
  /** JSON values. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly runs: number;
  /** One entry per cutoff; all models have the same cutoffs in the same order. */
  readonly results: readonly CutoffMeasures[];
  readonly fitSeconds: number;
  readonly evaluateSeconds: number;
  /** Memory of the fitted model. */
  readonly memoryMiB: number;
  /** Training sessions that the model keeps, and their bytes; absent if it keeps none. */
  readonly index?: { readonly sessions: number; readonly bytes: number };
  /** At `breakdownCutoff`, as are the next four. */
  readonly byPosition: readonly RankGroup[];
  readonly byPopularity: readonly RankGroup[];
  readonly byLength: readonly RankGroup[];
  /** By whether the target occurs in training; absent if every item does. */
  readonly byTraining?: readonly RankGroup[];
  /** By the type of the target; absent if clicks have no types. */
  readonly byType?: readonly RankGroup[];
  /** Of visitors' sessions, their first clicks too, beside earlier items followed by popular ones; absent if none returns. */
  readonly byVisitor?: readonly RankGroup[];
  /** One per seed; none for a model that is not trained in epochs. */
  readonly curves: readonly LearningCurve[];
}

/** A condition that a deployment depends on, and whether it holds. */
export interface GateOutcome {
  readonly gate: string;
  readonly passed: boolean;
  /** Mean of the left minus mean of the right, without the margin. */
  readonly difference: number;
  /** 95 % interval of the difference, by session; absent without resamples. */
  readonly interval?: readonly [lower: number, upper: number] | undefined;
}

/** A prediction on which models differ. */
export interface Example {
  /** Items of the clicks before it, the latest last. */
  readonly clicks: readonly string[];
  /** Clicks of the session that are not listed, before the first that is. */
  readonly earlier: number;
  /** The item that was clicked next. */
  readonly next: string;
  /** Ranks of the next item by the two models, from 1; null if it was excluded as seen. */
  readonly ranks: readonly [first: number | null, second: number | null];
}

/** Predictions on which the two best models differ most. */
export interface Examples {
  /** Names of models, the best first. */
  readonly first: string;
  readonly second: string;
  /** Those in which the first one is better, then those in which the second one is. */
  readonly predictions: readonly Example[];
}

/** The figures of a time window. */
export interface WindowReport {
  /** Dates of its first and last session. */
  readonly from: string;
  readonly until: string;
  readonly sessions: number;
  readonly predictions: number;
  readonly models: readonly Pick<ModelReport, 'name' | 'results'>[];
}

/** The figures of a comparison of recommenders. */
export interface ComparisonReport {
  readonly title: string;
  /** What reproduces the figures, such as the checksum of the dataset, the seeds and the command. */
  readonly origin: Readonly<Record<string, string | number | boolean>>;
  /** One line each. */
  readonly warnings: readonly string[];
  readonly breakdownCutoff: number;
  readonly models: readonly ModelReport[];
  readonly gates?: readonly GateOutcome[] | undefined;
  /** Then the figures of models are means over them, and deviations and intervals are over windows. */
  readonly windows?: readonly WindowReport[];
  /** Absent with one model, and without the rank of every prediction. */
  readonly examples?: Examples | undefined;
}

/** Differences with a smaller p-value count as significant. */
export const SIGNIFICANCE = 0.05;

export function resultAt(model: ModelReport, place: number): CutoffMeasures {
  return model.results[place] as CutoffMeasures;
}

/** 20 if it is among them, else the largest. */
export function mainCutoff(cutoffs: readonly number[]): number {
  return cutoffs.includes(20) ? 20 : Math.max(...cutoffs);
}

/** Indices of the cutoffs: the main one, then the others. */
export function shownPlaces(models: readonly ModelReport[]): number[] {
  const cutoffs = models[0]?.results.map(({ cutoff }) => cutoff) ?? [];
  const main = cutoffs.indexOf(mainCutoff(cutoffs));
  return [main, ...Array.from(cutoffs.keys()).filter((place) => place !== main)];
}

export function mainResult(model: ModelReport): CutoffMeasures {
  return resultAt(model, shownPlaces([model])[0] ?? 0);
}

export function rankModels(models: readonly ModelReport[]): ModelReport[] {
  return [...models].sort((a, b) => mainResult(b).mrr.mean - mainResult(a).mrr.mean);
}

/** The metrics of models: keys of the registry, then labels of the caller's. */
export function namesOfMetrics([model]: readonly ModelReport[]): string[] {
  return [...metricNames, ...Object.keys(model?.results[0]?.own ?? {})];
}

/** The label of a metric, and whether narrow tables leave it out first. */
export function metricLook(name: string): Pick<Metric, 'label' | 'secondary'> {
  return metrics[name as MetricName] ?? { label: name };
}
