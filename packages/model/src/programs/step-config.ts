import type { OptimizerName } from '@gru4rec/program';
import type { CellName, GruVariant } from '../cells/registry.ts';
import type { LossName } from '../losses/registry.ts';

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
  /**
   * What is added to the scores of the session's last items: nothing, a number per place that is learnt in training
   * (`constant`) or fitted to held-out sessions after it (`auto`), or one that also depends on the state.
   */
  readonly repeatBias: 'none' | 'constant' | 'gated' | 'auto';
  /** K, the number of distinct items that the repeat bias is added to, the last ones. */
  readonly repeatLength: number;
  /**
   * What is added to the scores of items for how fresh they are: nothing, weights of their recent clicks (`recent`), a number
   * per bucket of the time since their first click (`age`), or both. Fitted to held-out sessions after training.
   */
  readonly freshness: 'none' | 'recent' | 'age' | 'recent+age';
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
