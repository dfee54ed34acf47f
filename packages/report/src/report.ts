import type { PerMetric } from '@gru4rec/metrics';

/** A mean over predictions, in [0, 1], and how sure it is. */
export interface Measure {
  readonly mean: number;
  /** Over seeds; absent with one run. */
  readonly sd?: number;
  /** 95 % by session. */
  readonly interval?: readonly [lower: number, upper: number];
  /** Two-sided, paired by session, against the best of this measure; absent for the best itself. */
  readonly p?: number;
}

/** What a model reached with lists of `cutoff` items. */
export interface CutoffMeasures extends PerMetric<Measure> {
  readonly cutoff: number;
  /** Share of the catalogue that some list holds. */
  readonly coverage: number;
  /** How much the lists favour popular items, in the unit of the evaluation. */
  readonly popularityBias: number;
}

/** A part of the predictions. */
export interface Group {
  readonly label: string;
  readonly predictions: number;
  readonly recall: number;
  readonly mrr: number;
}

/** One training, epoch by epoch; recall and MRR are those of the validation. */
export interface LearningCurve {
  readonly seed: number;
  readonly epochs: readonly {
    readonly epoch: number;
    readonly loss: number;
    readonly recall?: number;
    readonly mrr?: number;
  }[];
}

/** All that is told of a model. */
export interface ModelReport {
  /** Unlike that of every other model. */
  readonly name: string;
  /** JSON values. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly runs: number;
  /** The same cutoffs in the same order for every model. */
  readonly results: readonly CutoffMeasures[];
  readonly fitSeconds: number;
  readonly evaluateSeconds: number;
  /** What the fitted model holds. */
  readonly memoryMiB: number;
  /** Of a model that keeps training sessions: how many, and the bytes of all. */
  readonly index?: { readonly sessions: number; readonly bytes: number };
  /** At `breakdownCutoff`, as the two that follow. */
  readonly byPosition: readonly Group[];
  readonly byPopularity: readonly Group[];
  readonly byLength: readonly Group[];
  /** One a seed; none for a model that does not learn in epochs. */
  readonly curves: readonly LearningCurve[];
}

/** The figures of a comparison of recommenders. */
export interface ComparisonReport {
  readonly title: string;
  /** Where the figures come from: checksum of the dataset, split, protocol, tie rule, seeds, version, command, … */
  readonly origin: Readonly<Record<string, string | number | boolean>>;
  /** One line each. */
  readonly warnings: readonly string[];
  readonly breakdownCutoff: number;
  readonly models: readonly ModelReport[];
}
