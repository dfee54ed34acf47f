import type { ItemIds } from '@gru4rec/dataset/ids';
import type { ModelConfig } from '../config.ts';
import type { ClickVocabulary } from '../programs/click-features.ts';
import type { EpochRecord } from '../training/epoch-record.ts';
import type { FeatureVocabularyJson } from '../training/training-data.ts';
import type { StoredTensor } from './tensors.ts';

/** The dataset a model was trained on. */
export interface DatasetReference {
  readonly checksum: string;
  readonly directory: string;
  /** Time of the last training click, in milliseconds since 1970 UTC. */
  readonly lastMs?: number;
  /** The last day of a server's event log that it has, of which it has all: `YYYY-MM-DD`. */
  readonly logThrough?: string | undefined;
}

/** What counting trending items begins with. */
export interface TrendingClicks {
  /** [items of the training] clicks that halve in `halfLifeMs`, at `lastMs`. */
  readonly clicks: Float32Array;
  readonly halfLifeMs: number;
  /** Time of the last click, in milliseconds since 1970 UTC. */
  readonly lastMs?: number | undefined;
}

/** The contents of a model folder. */
export interface StoredModel {
  readonly config: ModelConfig;
  readonly itemIds: ItemIds;
  readonly history: readonly EpochRecord[];
  /** Parameters, tables and optimiser slots. */
  readonly tensors: readonly StoredTensor[];
  /** [I] clicks per item in the training sessions that started last; see `countRecentClicks`. Models of others lack it. */
  readonly recentClicks?: Float32Array | undefined;
  /** Models of others and of sessions without times lack it. */
  readonly trending?: TrendingClicks | undefined;
  /** Which values of items are features, as it was learnt; only with `itemFeatures` or `itemVectors`. */
  readonly vocabulary?: FeatureVocabularyJson | undefined;
  /** Which values of clicks are features, as it was learnt; only with `clickFeatures`. */
  readonly clickVocabulary?: ClickVocabulary | undefined;
  /** The dataset of its last training, if it is recorded. */
  readonly dataset?: DatasetReference | undefined;
  /** SHA-256 of the manifest, which covers all files: equal for equal models. Only of a model that was read. */
  readonly checksum?: string;
}

/** What a saved model records beside its own content. */
export interface SaveInfo {
  readonly dataset?: DatasetReference | undefined;
  /** Content of `item-info.jsonl`; dataset/items has its format. */
  readonly itemInfo?: Uint8Array | undefined;
}
