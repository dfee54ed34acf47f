import type { SessionArrays, SessionBlock, SessionBlocks } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/item-ids';
import type { ClickColumn, ClickShape } from '../programs/click-features.ts';
import type { ItemFeatures } from '../programs/item-features.ts';

/** Sessions in memory. */
export interface SessionsInMemory extends SessionArrays {
  /** Time of each session's first event, any unit. */
  readonly sessionStartTimes: Float64Array;
  /** The blocks that `sessionOrder: "shuffled"` shuffles; one block if not given. */
  readonly blocks?: readonly Pick<SessionBlock, 'sessions'>[];
  /** Identifies them, such as the SHA-256 of their file. If not given, the arrays are hashed when needed. */
  readonly checksum?: string;
}

/** Sessions that are read during training. The model has the bits of the same sessions in memory. */
export interface SessionsOnDisk extends SessionBlocks {
  /** Identifies them, such as the SHA-256 of their file. */
  readonly checksum: string;
}

/** The data of a training run. A dataset of the package `sessions`, read or opened, has this shape. */
export interface TrainingData {
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  /** [I] training events per item. */
  readonly support: Int32Array;
  readonly train: SessionsInMemory | SessionsOnDisk;
  /**
   * Gives the features of items by columns of an items file; undefined if the data have none.
   * @param vocabulary - what a model stored, to number features as it does. A new one if not given.
   * @param vectors - columns whose numbers are the vectors of items.
   */
  readonly itemFeatures?: (
    columns: readonly string[],
    vocabulary?: FeatureVocabularyJson,
    vectors?: readonly string[],
  ) => Promise<EncodedItems | undefined>;
  /** What the `context` of all sessions means; one column at most has the types of the clicks. */
  readonly contextColumns?: readonly ClickColumn[] | undefined;
}

/** The features of clicks with the scale that a configuration gives them. */
export interface TrainedClicks extends ClickShape {
  /** s: their rows start s times as large as other rows, and learn s times as fast. */
  readonly scale: number;
}

/** Which values are features, as JSON; the package item-info has its format. */
export type FeatureVocabularyJson = Readonly<Record<string, unknown>>;

/** The features of items, numbered by a vocabulary, and their vectors. */
export interface EncodedItems {
  readonly vocabulary: FeatureVocabularyJson;
  /** F, the number of features. */
  readonly count: number;
  /** K, the most features of an item. */
  readonly perItem: number;
  /** [I × K] features of each item, then −1. */
  readonly table: Int32Array;
  /** D, the numbers of a vector; 0 without vectors. */
  readonly width?: number;
  /** [I × D] the vector of each item; zeros for none. */
  readonly vectors?: Float32Array;
}

/** Features of items with the scale that a configuration gives them. */
export interface TrainedFeatures extends ItemFeatures {
  readonly vocabulary: FeatureVocabularyJson;
}

/** The data of a training with what was found out before it. */
export interface PreparedData extends TrainingData {
  readonly features?: TrainedFeatures | undefined;
  /** With features of clicks: these are the context of the sessions. */
  readonly clicks?: TrainedClicks | undefined;
  /** Items that no training has seen a click of. */
  readonly untrained?: Int32Array | undefined;
}

/** Whether sessions are read during training. */
export function areOnDisk(train: TrainingData['train']): train is SessionsOnDisk {
  return 'read' in train;
}
