import type { BatcherPosition } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/item-ids';
import type { ModelConfig } from '../config.ts';
import type { SnapshotTensor } from '../storage/stored-tensor.ts';
import type { StoppingState } from './early-stopping.ts';
import type { EpochRecord } from './epoch-record.ts';
import type { AverageState } from './parameter-average.ts';
import type { ZeroLossSums } from './zero-loss.ts';

/** The counts of a run between two steps. */
export interface TrainingCursor {
  /** Steps of this run, over all its epochs. */
  steps: number;
  /** Undefined before the first step. */
  lastFiniteLoss?: number | undefined;
  /** The loss of all-zero scores so far, which the loss at the end is compared with. */
  readonly zeroLoss: ZeroLossSums;
  /** The epoch so far. */
  readonly epoch: {
    /** From 1, the epochs before this run included. */
    epoch: number;
    steps: number;
    /** Predicted events. */
    events: number;
    /** Sum of their losses. */
    lossSum: number;
    seconds: number;
  };
}

/** What a run's bits depend on besides data and configuration, such as the engine's number of threads. */
export type EngineFacts = Readonly<Record<string, string | number | boolean>>;

/** What two runs must share so that one can resume the other. */
export interface RunIdentity {
  readonly config: ModelConfig;
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  /** `dataChecksum` of the data that the run trains and validates on. */
  readonly data: string;
  /** The engine's name, and the caller's `engineFacts`. */
  readonly engine: EngineFacts;
  /** Epochs and steps of the model that the run continues; 0 for a new model. */
  readonly before: { readonly epochs: number; readonly steps: number };
}

/**
 * Everything that the rest of a run depends on. Random streams need no state: they are functions of seed, epoch and
 * step.
 */
export interface TrainingSnapshot extends RunIdentity, Readonly<TrainingCursor> {
  /** Finished epochs, including the epochs before this run. */
  readonly history: readonly EpochRecord[];
  readonly batcher: BatcherPosition;
  /** Only with `patience`. */
  readonly stopping?: StoppingState | undefined;
  /** Only with `averageDecay`, after the first epoch. */
  readonly average?: AverageState | undefined;
  /** Parameters, tables, optimiser slots and hidden states. */
  readonly tensors: readonly SnapshotTensor[];
}
