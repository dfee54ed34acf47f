import type { MetricName } from '@gru4rec/metrics';
import type { OptimizerName } from '@gru4rec/program';
import type { CellName, GruVariant } from './cells/registry.ts';
import type { LossName } from './losses/registry.ts';
import type { PartName } from './parts/registry.ts';

/** The part of a configuration that programs are built from. Names and values as in the reference. */
export interface StepConfig {
  /** Loss function. */
  readonly loss: LossName;
  /** Units of each recurrent layer, the one next to the input first. */
  readonly layers: readonly number[];
  /** Whether input rows are the rows of the output table. */
  readonly constrainedEmbedding: boolean;
  /** Without `constrainedEmbedding`: width of the input table; 0: one-hot input; `layersize`: width of the first layer. */
  readonly embedding: number | 'layersize';
  /** Recurrent cell. */
  readonly cell: CellName;
  /** Variant of the cell `gru`: `reset-before` is that of the papers, `reset-after` that of cuDNN and PyTorch. */
  readonly gru: GruVariant;
  /**
   * What a score is the sum of: the `network`; `repeats`, a value for the items of the session by place, clicks and score;
   * `co-occurrences`, a value for items that share sessions with them; `similar-attributes`, a value for items that share
   * `itemFeatures` with them; `recent-clicks` and `age`, values for the recent clicks of an item and the time since its first
   * one, which serving counts on. All but the network are fitted to held-out sessions.
   */
  readonly parts: readonly PartName[];
  /** Number of distinct items of a session that `parts` read, the last ones. */
  readonly repeatLength: number;
  /** Sessions trained in parallel, one per slot. */
  readonly batchSize: number;
  /** Sampled negatives per step. */
  readonly nSample: number | 'all';
  /** Samples are drawn ∝ support^sampleAlpha: 0 draws uniformly, 1 by popularity. */
  readonly sampleAlpha: number;
  /** Strength of the logQ correction of cross-entropy. */
  readonly logq: number;
  /** τ: cross-entropy divides the scores by τ. */
  readonly temperature: number;
  /** Number of other columns, those with the greatest scores, that cross-entropy compares a target with; 0: all. */
  readonly hardNegatives: number;
  /** Weight of the score regularisation of BPR-max. */
  readonly bpreg: number;
  /** Label smoothing of cross-entropy. */
  readonly smoothing: number;
  /** Activation of the scores, for losses other than cross-entropy. */
  readonly finalAct: string;
  /** Activation of the candidate state, and of the output of `lstm`. */
  readonly hiddenAct: string;
  /** Share of the elements of input rows that training drops. */
  readonly dropoutPEmbed: number;
  /** Share of the output of each layer that training drops. */
  readonly dropoutPHidden: number;
  /** Optimiser. */
  readonly optimizer: OptimizerName;
  /** μ: momentum of adagrad, rmsprop and sgd. */
  readonly momentum: number;
  /** ρ: decay of the running means of rmsprop and adadelta. */
  readonly decay: number;
  /** β₁: decay of the mean of gradients in adam. */
  readonly beta1: number;
  /** β₂: decay of the mean of squares in adam. */
  readonly beta2: number;
  /** L2, λ: a step also moves a value by −learningRate · λ · value. */
  readonly lmbd: number;
  /** Largest norm of the whole gradient of a step. */
  readonly gradCap: number;
}

/** Name of a preset. */
export type PresetName = 'best' | 'fast';

/** Hyper-parameters of a model and its training, complete; names and values as in the reference. */
export interface ModelConfig extends StepConfig {
  /** Step size η, before warm-up and decay. */
  readonly learningRate: number;
  /** Steps over which the learning rate rises linearly from 0. */
  readonly warmupSteps: number;
  /** `linear`: the learning rate falls to 0 over the events of all `nEpochs`. */
  readonly learningRateDecay: 'none' | 'linear';
  /** Scale of initial values; 0 is √(6 / (rows + columns)) per matrix. */
  readonly sigma: number;
  /** Whether initial values are normal with standard deviation `sigma`, instead of uniform in ± `sigma`. */
  readonly initAsNormal: boolean;
  /** Whether the hidden state is 0 at the start of a session; `false` carries it over within an epoch. */
  readonly resetAfterSession: boolean;
  /** Passes over the training sessions; fewer if `patience` stops training. */
  readonly nEpochs: number;
  /** β of the mean of the parameters at the ends of epochs, Σ β^(t−i) θ_i / Σ β^(t−i); 0: those of the last epoch. */
  readonly averageDecay: number;
  /**
   * Share of the training sessions, the latest ones, that `patience` and the fit of `parts` use without a validation split;
   * they are learnt once at the end.
   */
  readonly holdOut: number;
  /** Epochs without a better `validationMetric` after which training stops and keeps the best epoch. */
  readonly patience: number;
  /** Metric at 20 items on held-out sessions that determines the best epoch. */
  readonly validationMetric: MetricName;
  /**
   * Columns of the items file of `prepare --items` whose values are features: items then share what their values have in
   * common, and items without clicks are recommended too.
   */
  readonly itemFeatures: readonly string[];
  /**
   * Columns of the items file whose numbers, a list or one per column, are the vector of an item, such as that of its text:
   * it is not trained, but a matrix that makes a row of it is.
   */
  readonly itemVectors: readonly string[];
  /**
   * How many times as large and as fast as other rows those of features start and learn; the row of an item is its own plus
   * the sum of those of its features and what its vector gives.
   */
  readonly itemFeatureScale: number;
  /**
   * What is added to the scores of items without clicks; `auto` is fitted to held-out clicks of items whose own rows are
   * hidden.
   */
  readonly coldItemOffset: number | 'auto';
  /**
   * Largest share of the recall of other items that a fitted `coldItemOffset` may cost; it stops before, where items with
   * hidden rows are found as often.
   */
  readonly coldItemLoss: number;
  /**
   * Columns of clicks that the dataset keeps (`prepare --columns type=NAME context=NAME`) whose values are features: an input
   * row is that of the item plus the sum of those of the features.
   */
  readonly clickFeatures: readonly string[];
  /** How many times as large and as fast as other rows those of features of clicks start and learn. */
  readonly clickFeatureScale: number;
  /** Event types of the clicks that training predicts, such as `purchase`, with all clicks as input; `[]`: all. */
  readonly targetTypes: readonly string[];
  /** Seed of initial values, samples, dropout and shuffling. */
  readonly seed: number;
  /**
   * Order in which sessions are trained; `shuffled` draws it again each epoch, with more than 16 `blocks` within 16 of
   * them.
   */
  readonly sessionOrder: 'time' | 'stored' | 'shuffled';
  /** SHA-256 of the sessions on which `npx gru4rec tune` found these values; used only for a warning. */
  readonly tunedOn: string;
}

/** Hyper-parameters as written: absent keys take the values of `preset`, or their defaults. A `ModelConfig` is one too. */
export interface ModelConfigInput extends Written<ModelConfig> {
  readonly preset?: PresetName | undefined;
}

type Written<Config> = { readonly [Key in keyof Config]?: Config[Key] | undefined };

/** Stops by itself, learns the latest sessions last, and fits repeats and co-occurrences; see decision 0042. */
const untilBest = {
  parts: ['network', 'repeats', 'co-occurrences'],
  repeatLength: 20,
  holdOut: 0.02,
  patience: 2,
} as const;

/**
 * Complete choices of hyper-parameters, chosen by validation figures on five data sets (decision 0043): `best` by accuracy,
 * `fast` by time. Keys that a preset omits have their defaults. With `itemFeatures`, their `momentum` is 0 and
 * their `parts` include `similar-attributes`.
 */
export const presets: Readonly<Record<PresetName, ModelConfigInput>> = {
  best: {
    loss: 'bpr-max',
    layers: [224],
    gru: 'reset-after',
    sampleAlpha: 0.4,
    bpreg: 1.95,
    dropoutPEmbed: 0.5,
    dropoutPHidden: 0.05,
    momentum: 0.4,
    nEpochs: 10,
    ...untilBest,
  },
  fast: {
    gru: 'reset-after',
    logq: 1,
    hardNegatives: 64,
    dropoutPHidden: 0.2,
    learningRate: 0.03,
    momentum: 0.2,
    nEpochs: 8,
    ...untilBest,
  },
};

/** The preset of a training whose configuration is empty. */
export const DEFAULT_PRESET: PresetName = 'best';

/** Whether a text is the name of a preset. */
export function isPreset(name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(presets, name);
}
