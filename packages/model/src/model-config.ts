import type { MetricName } from '@gru4rec/metrics';
import type { StepConfig } from './programs/step-config.ts';

/** Name of a preset. */
export type PresetName = 'best' | 'fast';

/** Hyper-parameters of a model and its training, complete; names and values as in the reference. */
export interface ModelConfig extends StepConfig {
  /** η > 0, before warm-up and decay. */
  readonly learningRate: number;
  /** Steps over which the learning rate rises linearly from 0; 0 = none. */
  readonly warmupSteps: number;
  /** `"linear"`: falls to 0 over the events of all `nEpochs`. */
  readonly learningRateDecay: 'none' | 'linear';
  /** Scale of the first values of matrices; 0 = √(6 / (rows + columns)) each. */
  readonly sigma: number;
  /** First values normal with standard deviation `sigma`, instead of uniform in ±`sigma`. */
  readonly initAsNormal: boolean;
  /** Whether the hidden state is 0 at the start of a session, or is carried over from the last one in the slot. */
  readonly resetAfterSession: boolean;
  /** Passes over the training sessions; fewer if `patience` stops training. */
  readonly nEpochs: number;
  /**
   * β of the mean of the parameters at the ends of epochs, Σ β^(t−i) θ_i / Σ β^(t−i), which the model then has; 0 = the
   * parameters of the last epoch.
   */
  readonly averageDecay: number;
  /**
   * Share of the training sessions, the latest ones, that is held out to choose the best epoch and to fit the repeat bias
   * `auto`, and learnt once at the end; 0 = none. Not used with a validation split.
   */
  readonly holdOut: number;
  /** Epochs without a better `validationMetric` after which training stops; 0 = never, no validation. */
  readonly patience: number;
  /** Metric at 20 items on the validation split that determines the best epoch. */
  readonly validationMetric: MetricName;
  /** Columns of the items file whose values are features of items; none: an item is its id only. */
  readonly itemFeatures: readonly string[];
  /** Columns of the items file whose numbers are the vector of an item, which no training changes; none: items have no vectors. */
  readonly itemVectors: readonly string[];
  /** s: rows of features, and what vectors are multiplied by, start s times as large as other rows, and learn s times as fast. */
  readonly itemFeatureScale: number;
  /**
   * What is added to the scores of items without clicks, which have only their features' rows; `"auto"`: fitted to
   * held-out clicks of items whose own rows are hidden.
   */
  readonly coldItemOffset: number | 'auto';
  /** The largest share of the recall of other items that a fitted `coldItemOffset` may cost, from 0 to 1. */
  readonly coldItemLoss: number;
  /**
   * Context columns of the dataset whose values are features of clicks: an input row is the item's plus those of the
   * click's features; none: a click is its item only.
   */
  readonly clickFeatures: readonly string[];
  /** s: rows of features of clicks start s times as large as other rows, and learn s times as fast. */
  readonly clickFeatureScale: number;
  /** Event types of the clicks that are predicted in training; all clicks are input. None: all are predicted. */
  readonly targetTypes: readonly string[];
  /** Seeds initialisation, samples, dropout and shuffling. */
  readonly seed: number;
  /** Order in which sessions fill the slots. */
  readonly sessionOrder: 'time' | 'stored' | 'shuffled';
  /**
   * SHA-256 of the file of sessions that these values were tuned on, or ''. Only an evaluation on the same sessions reads it,
   * to warn.
   */
  readonly tunedOn: string;
}

/**
 * Hyper-parameters as they are written: absent keys take the values of `preset`, or without one their defaults. A
 * complete `ModelConfig` is one too.
 */
export interface ModelConfigInput extends Written<ModelConfig> {
  readonly preset?: PresetName | undefined;
}

type Written<Config> = { readonly [Key in keyof Config]?: Config[Key] | undefined };
