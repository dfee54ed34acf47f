import type { OptimizerName } from '@gru4rec/program';
import type { CellName, GruVariant } from '../cells/registry.ts';
import type { LossName } from '../losses/registry.ts';

/** What shapes a step. Names and values as in the reference; see the configuration schema. */
export interface StepConfig {
  readonly loss: LossName;
  readonly layers: readonly number[];
  readonly constrainedEmbedding: boolean;
  /** Width of a separate input table; 0 = one-hot input. Ignored when constrained. */
  readonly embedding: number;
  readonly cell: CellName;
  /** Variant of the cell `gru`; other cells have none. */
  readonly gru: GruVariant;
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
  readonly optimizer: OptimizerName;
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
