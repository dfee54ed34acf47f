/** Names of the losses. */
export const losses = ['cross-entropy', 'bpr', 'top1', 'bpr-max', 'top1-max'] as const;
/** Names of the recurrent cells. */
export const cells = ['gru', 'lstm', 'rnn'] as const;
/** Variants of the gated recurrent unit. */
export const gruVariants = ['reset-before', 'reset-after'] as const;
/** Names of the optimisers. */
export const optimizers = ['adagrad', 'adam', 'rmsprop', 'adadelta', 'sgd'] as const;

/** What shapes a step. Names and values as in the reference; see the configuration schema. */
export interface StepConfig {
  readonly loss: (typeof losses)[number];
  readonly layers: readonly number[];
  readonly constrainedEmbedding: boolean;
  /** Width of a separate input table; 0 = one-hot input. Ignored when constrained. */
  readonly embedding: number;
  readonly cell: (typeof cells)[number];
  /** Variant of the cell `gru`; other cells have none. */
  readonly gru: (typeof gruVariants)[number];
  readonly batchSize: number;
  /** Sampled negatives of a step; 0 = the batch's targets alone, `"all"` = every item. */
  readonly nSample: number | 'all';
  /** Samples are drawn ∝ support^sampleAlpha. */
  readonly sampleAlpha: number;
  /** Strength of the logQ correction of cross-entropy. */
  readonly logq: number;
  /** Weight of the score regularisation of BPR-max. */
  readonly bpreg: number;
  /** Label smoothing of cross-entropy. */
  readonly smoothing: number;
  readonly finalAct: string;
  readonly hiddenAct: string;
  readonly dropoutPEmbed: number;
  readonly dropoutPHidden: number;
  readonly optimizer: (typeof optimizers)[number];
  /** Of adagrad, rmsprop and sgd. */
  readonly momentum: number;
  /** ρ of the running mean of squares in rmsprop and adadelta. */
  readonly decay: number;
  /** Of adam. */
  readonly beta1: number;
  readonly beta2: number;
  /** λ: a step also moves a value by −η·λ·value. */
  readonly lmbd: number;
  /** Largest norm of a step's whole gradient; 0 = no cap. */
  readonly gradCap: number;
}
