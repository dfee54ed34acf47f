import type { ItemChunk, SourceChunk } from '@gru4rec/dataset';

/** Times of the first and last event, and of the first and last that are no outliers. */
export interface TimeSpread {
  readonly first: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
}

export interface EventCounts {
  readonly events: number;
  readonly sessions: number;
  readonly items: number;
}

/** The events that are left, in order of time, and what the steps do with them. A session has one split (`splitNumbers`). */
export interface EventSet {
  count(split?: number): Promise<EventCounts>;
  /** Items that `keepItems` keeps in some splits, by name. Names that no event has are ignored. */
  learnItems(names: AsyncIterable<readonly string[]>, splits: readonly number[]): Promise<void>;
  removeRepeats(split?: number): Promise<void>;
  /** Both bounds are included. */
  keepSessions(least: number, most: number, split?: number): Promise<void>;
  /** Removes events of a split whose item has fewer than `least` training events, except those of items learnt for the split. */
  keepItems(least: number, split: number): Promise<void>;
  /** `first` is the start of the first late session, 0 if there is none. */
  findLate(before: number): Promise<{ readonly late: number; readonly first: number }>;
  removeLate(before: number): Promise<void>;
  /** The latest first, of all splits. */
  latestEnds(sessions: number): Promise<readonly number[]>;
  removeEnded(before: number): Promise<void>;
  endTime(): Promise<number>;
  /** By the last event. */
  moveFrom(ms: number, to: number): Promise<void>;
  /** Moves the training sessions that end last; at the same time, those that started last. */
  moveLatest(sessions: number, to: number): Promise<void>;
  /** The times of all splits. @param outside - share of the events before `low`, and of those after `high`. */
  spread(outside: number): Promise<TimeSpread>;
  numberItems(): Promise<void>;
  items(): AsyncIterable<ItemChunk>;
  /** In order of their first event. Their `context` has the number of a combination per event; see `Contexts`. */
  sessions(split: number): AsyncIterable<SourceChunk>;
}

/** Numbers of the splits. Until the split by time, all but the events of `testInputs` are in `train`. */
export const splitNumbers = { train: 0, validation: 1, test: 2 } as const;
