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

/** All sessions of one split. */
export interface SessionTable extends SessionChunk {
  /** [sessions], milliseconds since 1970 UTC: the time of each session's first event. */
  readonly sessionStartTimes: Float64Array;
}

/** A piece of the item table, in order of item index. */
export interface ItemChunk {
  /** The caller's ids, exact. */
  readonly itemIds: readonly string[];
  /** [items], how often each item occurs in the training sessions. */
  readonly support: Int32Array;
}

/** A session dataset in memory. */
export interface SessionDataset {
  readonly directory: string;
  readonly manifest: DatasetManifest;
  /** The caller's id by item index. */
  readonly itemIds: readonly string[];
  /** [items], training events by item index. */
  readonly support: Int32Array;
  readonly train: SessionTable;
  readonly validation?: SessionTable;
  readonly test?: SessionTable;
}
