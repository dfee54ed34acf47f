import type { ItemIds } from '@gru4rec/item-ids';
import type { DatasetManifest } from './manifest.ts';

/** Sessions that follow each other, in CSR form: what a file of sessions is written from, piece by piece. */
export interface SessionChunk {
  /** The caller's ids, exact. */
  readonly sessionIds: readonly string[];
  /** [sessions + 1], from 0: session s holds events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
  readonly sessionOffsets: Int32Array;
  /** [events], item index of each event, in time order within a session. */
  readonly items: Int32Array;
  /** [events], milliseconds since 1970 UTC. */
  readonly times: BigInt64Array;
}

/** How much a record batch of sessions holds. */
export interface SessionBlock {
  readonly sessions: number;
  readonly events: number;
  /** Those of two or more events. */
  readonly sessionsWithPairs: number;
  /** Pairs of consecutive events. */
  readonly pairs: number;
}

/** All sessions of one split. */
export interface SessionTable extends SessionChunk {
  /** [sessions], milliseconds since 1970 UTC: the time of each session's first event. */
  readonly sessionStartTimes: Float64Array;
  /** The record batches that they were read from, in order. */
  readonly blocks?: readonly SessionBlock[];
  /** SHA-256 of the file that they were read from. */
  readonly checksum?: string;
}

/** Consecutive rows of the item table. */
export interface ItemChunk {
  /** The caller's ids, exact. */
  readonly itemIds: ItemIds;
  /** [items], training events per item. */
  readonly support: Int32Array;
}

/** A session dataset in memory. */
export interface SessionDataset {
  readonly directory: string;
  readonly manifest: DatasetManifest;
  /** The caller's id by item index. */
  readonly itemIds: ItemIds;
  /** [items], training events by item index. */
  readonly support: Int32Array;
  readonly train: SessionTable;
  readonly validation?: SessionTable;
  readonly test?: SessionTable;
}
