import type { Batch } from '@gru4rec/batcher';
import type { EpochRecord } from './epoch-record.ts';

/**
 * Follows a training run, as a callback of Keras does. A run calls a hook of all its observers in the order of their list,
 * waits for each promise, and ends with what a hook throws.
 */
export interface TrainingObserver {
  /** Before each step, and once more at the end of an epoch. */
  beforeStep?(): Awaitable;
  /** @param batch - of the step; the next step overwrites it. */
  afterStep?(batch: Batch): Awaitable;
  /** @param record - of the epoch that has ended; a validation is added to it. */
  afterEpoch?(record: AmendedRecord): Awaitable;
}

/** The record of an epoch to which a validation can be added. */
export type AmendedRecord = EpochRecord & { validation?: EpochRecord['validation'] };

type Awaitable = Promise<void> | void;
