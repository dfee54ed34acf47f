import type { SharedIds } from '@gru4rec/dataset/ids';
import type {
  AllowedItems,
  BestItems,
  ClickVocabulary,
  EarlierPart,
  ItemRules,
  Probing,
  RankFusion,
  TrendingClicks,
} from '@gru4rec/model';
import type { LearnData } from '../learning/learner-messages.ts';
import type { SharedModel } from '../learning/shared-model.ts';

/** What a thread is started with (its `workerData`). */
export interface ThreadData {
  readonly directory: string;
  readonly maxBatch: number;
  readonly learns?: boolean;
  /** The most items of a model from the folder whose lists are exact; not for a thread that learns. */
  readonly exactItems?: number;
  readonly model?: SharedModel | undefined;
  readonly learn?: LearnData | undefined;
}

/** What a list starts from: the session's state, the counts of all visitors, or an item. */
export type Source =
  | { readonly kind: 'model' | 'trending' }
  | { readonly kind: 'together' | 'alike'; readonly item: number };

/** A list is a query over one catalogue: what it starts from, and what it may contain. */
export interface Query {
  readonly slot: number;
  readonly reset: boolean;
  /** [clicks × W] to advance the state by, in order, as of `Question`. */
  readonly steps: readonly number[];
  readonly n: number;
  readonly source: Source;
  readonly rules: IndexRules;
}

export interface IndexRules extends ItemRules {
  /** Those that an answer may contain where `allowed` does not say it; undefined = all. */
  readonly available: AllowedItems | undefined;
  readonly fusion?: RankFusion | undefined;
  /** From 0 (none) to 1. */
  readonly variety: number;
  /** The most items per group; 0 = no limit. */
  readonly maxPerGroup: number;
  /** Group number by item; −1 or nothing is no group. */
  readonly groups: ReadonlyMap<number, number> | Int32Array | undefined;
  /** Added to the scores of the items of a group, by group number. */
  readonly groupBoosts: ReadonlyMap<number, number>;
}

export const noRules: IndexRules = {
  available: undefined,
  excluded: new Set<number>(),
  allowed: undefined,
  itemBoosts: new Map(),
  pins: [],
  fusion: undefined,
  variety: 0,
  maxPerGroup: 0,
  groups: undefined,
  groupBoosts: new Map(),
};

export type ToThread =
  | { readonly kind: 'batch'; readonly queries: readonly Query[] }
  /** Only to a thread that answers nothing: the version that it answers with from now on, or none, to free memory. */
  | { readonly kind: 'model'; readonly model: SharedModel | undefined }
  | ({ readonly kind: 'clicks' } & ClicksSince);

/** Clicks since the last such message; the freshness of items is then that of `nowMs`. */
export interface ClicksSince {
  readonly items: Int32Array;
  readonly timesMs: Float64Array;
  readonly nowMs: number;
  /** [I] decayed clicks of all sessions. */
  readonly trending: Float32Array;
}

export interface List extends BestItems {
  /** Whether it is the answer to one click on the item, as no items are `together` with it. */
  readonly isNext?: boolean;
}

export interface AnswerBatch {
  readonly kind: 'answers';
  /** [queries] items per answer. */
  readonly counts: Int32Array;
  readonly items: Int32Array;
  readonly scores: Float64Array;
  /** By query, why it has no answer. */
  readonly errors: ReadonlyMap<number, Error>;
  /** Queries whose lists have `isNext`. */
  readonly nexts: ReadonlySet<number>;
  readonly stepMs: number;
  readonly topMs: number;
}

export interface ThreadReady {
  readonly kind: 'ready';
  readonly ids: SharedIds;
  readonly checksum: string;
  readonly lineage: string;
  readonly isFresh: boolean;
  readonly trending: TrendingClicks;
  readonly earlier?: EarlierPart | undefined;
  /** Whether items have vectors, which `variety` needs. */
  readonly hasVectors: boolean;
  readonly clickVocabulary: ClickVocabulary | undefined;
  readonly answerMs: number | undefined;
  readonly probing?: Probing | undefined;
  readonly base?: SharedModel | undefined;
}

export type FromThread = AnswerBatch | ThreadReady | { readonly kind: 'failed'; readonly message: string };
