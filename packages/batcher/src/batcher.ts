import type { Batch } from './batch.ts';
import type { BatcherPosition } from './position.ts';

/** What training asks of a batcher, whether its sessions lie in memory or are read ahead. */
export interface Batcher {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** Sessions of two or more events: what an epoch feeds. */
  readonly usedSessions: number;
  /** Sessions left out because they have fewer than two events. */
  readonly skippedSessions: number;
  /**
   * Pairs of (input, target) that the current epoch feeds from its first to its last step. With `minLiveSlots` 1 that
   * is every pair of consecutive events; otherwise the tails of the last sessions are left out.
   */
  readonly eventsPerEpoch: number;
  /** Goes to the first step of an epoch; a promise must be awaited before anything else is called. */
  startEpoch(epoch: number): void | Promise<void>;
  /**
   * Makes sure that what the next step needs is in memory.
   *
   * @returns undefined if it is, else a promise to be awaited before `next`; it rejects if reading failed.
   */
  fill(): Promise<void> | undefined;
  /** Makes the batch of the next step. @returns the batch, reused until the next call, or undefined at the epoch's end. */
  next(): Batch | undefined;
  /** @returns where the next step stands, as plain numbers that JSON keeps (fresh). */
  position(): BatcherPosition;
  /** Goes to a position over the same data; a promise must be awaited before anything else is called. */
  restore(position: BatcherPosition): void | Promise<void>;
}
