/** Sessions that follow each other in CSR form. */
export interface SessionArrays {
  /** [sessions + 1] from 0: session s holds events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
  readonly sessionOffsets: Int32Array;
  /** [events], item index of each event, in time order within a session. */
  readonly items: Int32Array;
}

/** How much a block of stored sessions holds. */
export interface SessionBlock {
  readonly sessions: number;
  readonly events: number;
  /** Those of two or more events. */
  readonly sessionsWithPairs: number;
  /** Pairs of consecutive events. */
  readonly pairs: number;
}

/** Sessions that are read block by block, so that they need not fit into memory. */
export interface SessionBlocks {
  /** In stored order. */
  readonly blocks: readonly SessionBlock[];
  /** Whether sessions lie in order of their first events. */
  readonly inTimeOrder: boolean;
  /**
   * Reads a block. It may be called while another is being read.
   *
   * @returns its sessions, in fresh arrays.
   */
  read(index: number): Promise<SessionArrays>;
}

/** @returns what a table of blocks says of a block (fresh). */
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
