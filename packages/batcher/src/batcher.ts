import type { Batch } from './batch.ts';
import type { BatcherPosition } from './position.ts';

/** Makes the batches of training, from sessions in memory or from sessions that are read ahead. */
export interface Batcher {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** Number of sessions of two or more events, which an epoch feeds. */
  readonly usedSessions: number;
  /** Number of sessions that are skipped because they have fewer than two events. */
  readonly skippedSessions: number;
  /**
   * Number of (input, target) pairs that the current epoch feeds. With `minLiveSlots` 1, these are all pairs of
   * consecutive events; otherwise the ends of the last sessions are left out.
   */
  readonly eventsPerEpoch: number;
  /** Moves to the first step of an epoch. If it returns a promise, await it before any other call. */
  startEpoch(epoch: number): void | Promise<void>;
  /**
   * Loads the sessions that the next step needs.
   *
   * @returns undefined if they are in memory, otherwise a promise to await before `next`. It rejects if reading failed.
   */
  fill(): Promise<void> | undefined;
  /**
   * Makes the batch of the next step.
   * @returns the batch, reused by the next call; undefined at the end of the epoch.
   */
  next(): Batch | undefined;
  /** @returns the position before the next step, a new object that can be stored as JSON. */
  position(): BatcherPosition;
  /** Moves to a position over the same data. If it returns a promise, await it before any other call. */
  restore(position: BatcherPosition): void | Promise<void>;
}
