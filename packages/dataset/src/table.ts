import { pickSessions, type SessionArrays, type SessionBlock } from '@gru4rec/batcher';
import type { ItemIds, PackedIds } from './ids/index.ts';
import type { ReadItemFeatures } from './item-info-file.ts';
import type { ContextColumn, DatasetManifest } from './manifest.ts';

/** Sessions one after the other, with ids and times: the pieces that a file of sessions is written from. */
export interface SessionChunk extends SessionArrays {
  /** The caller's ids, exact. */
  readonly sessionIds: readonly string[];
  /** [events], milliseconds since 1970 UTC. */
  readonly times: BigInt64Array;
}

/** Sessions to write: a `SessionChunk` whose ids may be bytes. */
export interface SourceChunk extends Omit<SessionChunk, 'sessionIds'> {
  readonly sessionIds: SessionChunk['sessionIds'] | PackedIds;
}

/** All sessions of one split. */
export interface SessionTable extends SessionChunk {
  /** [sessions], milliseconds since 1970 UTC: the time of each session's first event. */
  readonly sessionStartTimes: Float64Array;
  /** The record batches of the file, in order. */
  readonly blocks?: readonly SessionBlock[];
  /** SHA-256 of the file. */
  readonly checksum?: string;
}

/** Consecutive rows of the item table. */
export interface ItemChunk {
  /** The caller's ids, exact. */
  readonly itemIds: ItemIds;
  /** [items], training events per item. */
  readonly support: Int32Array;
}

/** A session dataset, whose splits are in memory or on disk. */
export interface DatasetOf<Split> {
  readonly directory: string;
  readonly manifest: DatasetManifest;
  /** The caller's id by item index. */
  readonly itemIds: ItemIds;
  /** [items], training events by item index. */
  readonly support: Int32Array;
  /**
   * As the vocabulary of a model numbers them; without one, a new one is learnt from the items with training clicks.
   * @throws Error naming a column in which no item has a value.
   */
  readonly itemFeatures?: ReadItemFeatures | undefined;
  /** What the `context` of sessions means, if they have one. */
  readonly contextColumns?: readonly ContextColumn[] | undefined;
  readonly train: Split;
  readonly validation?: Split | undefined;
  readonly test?: Split | undefined;
}

/** A session dataset in memory. */
export interface SessionDataset extends DatasetOf<SessionTable> {}

/**
 * A dataset with some of its training sessions, whose events are its support. Items keep their index.
 * @param sessions - indices, in ascending order.
 */
export function keepSessions(dataset: SessionDataset, sessions: readonly number[]): SessionDataset {
  const { train } = dataset;
  const picked = pickSessions(train, sessions);
  const support = new Int32Array(dataset.support.length);
  countItems(picked.items, support);
  const sessionStartTimes = Float64Array.from(sessions, (session) => train.sessionStartTimes[session] ?? 0);
  return { ...dataset, support, train: { ...picked, sessionStartTimes } };
}

export function countItems(items: Int32Array, into: Int32Array): void {
  for (let event = 0; event < items.length; event++) {
    const item = items[event] ?? 0;
    into[item] = (into[item] ?? 0) + 1;
  }
}
