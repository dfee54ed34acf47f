import type { MetricName } from '@gru4rec/metrics';
import type { OptimizerName } from '@gru4rec/program';
import type { CellName, GruVariant } from './cells/registry.ts';
import type { LossName } from './losses/registry.ts';
import type { PartName } from './parts/registry.ts';

/** The part of a configuration that programs are built from. Names and values as in the reference. */
export interface StepConfig {
  readonly loss: LossName;
  /** Hidden units per layer, the layer next to the input first. */
  readonly layers: readonly number[];
  /** Whether the input rows are the rows of the output table. */
  readonly constrainedEmbedding: boolean;
  /** Width of a separate input table; 0 = one-hot input, `"layersize"` = the first layer's width. */
  readonly embedding: number | 'layersize';
  readonly cell: CellName;
  /** Variant of the cell `gru`; other cells have none. */
  readonly gru: GruVariant;
  /** What a score is the sum of. Parts beside the network are fitted to held-out sessions after training. */
  readonly parts: readonly PartName[];
  /** K, the number of distinct items of a session that parts read, the last ones. */
  readonly repeatLength: number;
  /** Sessions trained in parallel, one per slot. */
  readonly batchSize: number;
  /** Sampled negatives per step; 0 = only the batch's targets, `"all"` = every item. */
  readonly nSample: number | 'all';
  /** Samples are drawn ∝ support^sampleAlpha. */
  readonly sampleAlpha: number;
  /** Strength of the logQ correction of cross-entropy. */
  readonly logq: number;
  /** τ > 0: cross-entropy divides the scores by τ. */
  readonly temperature: number;
  /** Columns with the greatest scores that a slot of cross-entropy sees besides its target; 0 = all. */
  readonly hardNegatives: number;
  /** Weight of the score regularisation of BPR-max. */
  readonly bpreg: number;
  /** Label smoothing of cross-entropy. */
  readonly smoothing: number;
  /** Activation of the scores, in losses other than cross-entropy; for example `"elu-0.5"`. */
  readonly finalAct: string;
  /** Activation of the candidate state, and in `lstm` of the output. */
  readonly hiddenAct: string;
  /** Share of the input rows' elements that are dropped in training, in [0, 1). */
  readonly dropoutPEmbed: number;
  /** Share of each layer's outputs that are dropped in training, in [0, 1). */
  readonly dropoutPHidden: number;
  readonly optimizer: OptimizerName;
  /** μ in adagrad, rmsprop and sgd, in [0, 1); 0 = none. */
  readonly momentum: number;
  /** ρ of the running mean of squares in rmsprop and adadelta. */
  readonly decay: number;
  /** β₁ of adam, for the mean of gradients. */
  readonly beta1: number;
  /** β₂ of adam, for the mean of squares. */
  readonly beta2: number;
  /** Weight decay λ: a step also moves a value by −η·λ·value. */
  readonly lmbd: number;
  /** Largest norm of a step's whole gradient; 0 = no cap. */
  readonly gradCap: number;
}

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
  /** β of the mean of the parameters at the ends of epochs, Σ β^(t−i) θ_i / Σ β^(t−i); 0 = those of the last epoch. */
  readonly averageDecay: number;
  /** Share of the training sessions, the latest, held out without a validation split and learnt at the end; 0 = none. */
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
  /** Added to the scores of items without clicks; `"auto"`: fitted to held-out clicks of items whose own rows are hidden. */
  readonly coldItemOffset: number | 'auto';
  /** The largest share of the recall of other items that a fitted `coldItemOffset` may cost, from 0 to 1. */
  readonly coldItemLoss: number;
  /** Context columns of the dataset whose values are features of clicks: their rows are added to the item's input row. */
  readonly clickFeatures: readonly string[];
  /** s: rows of features of clicks start s times as large as other rows, and learn s times as fast. */
  readonly clickFeatureScale: number;
  /** Event types of the clicks that are predicted in training; all clicks are input. None: all are predicted. */
  readonly targetTypes: readonly string[];
  /** Seeds initialisation, samples, dropout and shuffling. */
  readonly seed: number;
  /** Order in which sessions fill the slots. */
  readonly sessionOrder: 'time' | 'stored' | 'shuffled';
  /** SHA-256 of the file of sessions that these values were tuned on, or ''; an evaluation on them warns. */
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
