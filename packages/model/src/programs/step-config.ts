import type { OptimizerName } from '@gru4rec/program';
import type { CellName, GruVariant } from '../cells/registry.ts';
import type { LossName } from '../losses/registry.ts';

/** The part of a configuration that programs are built from. Names and values as in the reference. */
export interface StepConfig {
  readonly loss: LossName;
  readonly layers: readonly number[];
  readonly constrainedEmbedding: boolean;
  /** Width of a separate input table; 0 = one-hot input, `"layersize"` = the first layer's width. */
  readonly embedding: number | 'layersize';
  readonly cell: CellName;
  /** Variant of the cell `gru`; other cells have none. */
  readonly gru: GruVariant;
  readonly batchSize: number;
  /** Sampled negatives per step; 0 = only the batch's targets, `"all"` = every item. */
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
