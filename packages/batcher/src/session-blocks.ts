import type { SessionArrays } from './session-arrays.ts';

/** Number of sessions, events and pairs in a block of stored sessions. */
export interface SessionBlock {
  readonly sessions: number;
  readonly events: number;
  /** Number of sessions of two or more events. */
  readonly sessionsWithPairs: number;
  /** Number of pairs of consecutive events. */
  readonly pairs: number;
}

/** Sessions that are read block by block, so that they need not fit in memory. */
export interface SessionBlocks {
  /** The counts of each block, in stored order. */
  readonly blocks: readonly SessionBlock[];
  /** Whether sessions are stored in order of their first events. */
  readonly inTimeOrder: boolean;
  /** C, the context columns of every block; none if not given. */
  readonly contextWidth?: number;
  /**
   * Reads a block. Several reads may be in progress.
   *
   * @returns its sessions, in arrays that the caller owns.
   */
  read(index: number): Promise<SessionArrays>;
}

/** Counts the sessions, events and pairs of a block. */
export function describeBlock({ sessionOffsets, items }: SessionArrays): SessionBlock {
  let sessionsWithPairs = 0;
  let pairs = 0;
  for (let session = 1; session < sessionOffsets.length; session++) {
    const length = sessionOffsets[session] - sessionOffsets[session - 1];
    if (length < 2) continue;
    sessionsWithPairs++;
    pairs += length - 1;
  }
  return { sessions: sessionOffsets.length - 1, events: items.length, sessionsWithPairs, pairs };
}
