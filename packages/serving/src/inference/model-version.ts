import type { ItemIdTable } from '@gru4rec/item-ids';
import type { BestItems, ClickEncoder, Probing } from '@gru4rec/model';
import type { SharedModel } from '../learning/shared-model.ts';
import type { ClicksSince, IndexRules, ItemCatalogue, Query } from './messages.ts';

/** A question about one session. */
export interface Question {
  /** Undefined for a session that is not kept. */
  readonly sessionId: string | undefined;
  /** Number of clicks before the kept ones. */
  readonly dropped: number;
  /**
   * [kept clicks × W]: item index, −1 where the model does not know it, then with features of clicks those of the click; not
   * changed later.
   */
  readonly items: readonly number[];
  /** Number of items wanted. */
  readonly n: number;
  readonly rules: IndexRules;
}

/** A version of a model, in its thread or on the event loop. */
export interface ModelVersion {
  /** Ids of the model's items. */
  readonly itemIds: ItemIdTable;
  /** Checksum of the model, or the base and the place in the log of one that learns. */
  readonly version: string;
  /** What all versions of one learner have in common; else the version. */
  readonly lineage: string;
  /** Whether the model has freshness, which `follow` keeps up to date. */
  readonly isFresh: boolean;
  /** What items can be added to: the model itself, if it has features and was read from a folder. */
  readonly base: SharedModel | undefined;
  /** Finds the features of clicks; undefined if the model has none. */
  readonly clicks: ClickEncoder | undefined;
  /** What lists read, and how well; undefined for exact lists. */
  readonly probing: Probing | undefined;
  /** Where it computes. */
  readonly place: 'thread' | 'event loop';
  /** Number of sessions with a hidden state. */
  readonly states: number;
  /** Whether a question would be refused, because too many wait. */
  readonly isFull: boolean;
  /** Rules of the items file, by item index, for all later questions. */
  useCatalogue(catalogue: ItemCatalogue | undefined): void;
  /** Counts clicks for the freshness of items, and answers later questions with it. */
  follow(clicks: ClicksSince): void;
  /** Forgets the hidden state of a session. */
  forget(sessionId: string): void;
  /**
   * Answers a question. Questions about one session are answered in order of the calls.
   * @throws Problem 503 if too many questions wait or the version has ended.
   */
  ask(question: Question): Promise<BestItems>;
  /** Frees the version when all questions are answered. */
  close(): Promise<void>;
}

/** A version that is to serve, and where it is from. */
export interface StartedVersion {
  readonly inference: ModelVersion;
  readonly kind: 'published' | 'items' | 'loaded';
}

/** A question that waits for its answer. */
export interface Waiting {
  readonly query: Query;
  readonly sinceMs: number;
  readonly resolve: (best: BestItems) => void;
  readonly reject: (error: Error) => void;
}
