import type { SessionArrays, SessionBlock, SessionBlocks } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/dataset/ids';
import { platform } from '#platform';
import type { Sha256 } from '../platform.node.ts';
import type { ClickColumn, ClickShape, ClickVocabulary } from '../programs/click-features.ts';
import type { ItemFeatures, NumberedItems } from '../programs/item-features.ts';

/** Sessions in memory. */
export interface SessionsInMemory extends SessionArrays {
  /** Time of each session's first event, any unit. */
  readonly sessionStartTimes: Float64Array;
  /** The blocks that `sessionOrder: "shuffled"` shuffles; one block if not given. */
  readonly blocks?: readonly Pick<SessionBlock, 'sessions'>[] | undefined;
  /** Identifies them, such as the SHA-256 of their file. If not given, the arrays are hashed when needed. */
  readonly checksum?: string;
}

/** Sessions that are read during training. The model has the bits of the same sessions in memory. */
export interface SessionsOnDisk extends SessionBlocks {
  /** The ids of the sessions of a block; without, no visitor has earlier sessions. */
  readIds?(index: number): Promise<readonly string[]>;
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
  readonly itemFeatures?:
    | ((
        columns: readonly string[],
        vocabulary?: FeatureVocabularyJson,
        vectors?: readonly string[],
      ) => Promise<EncodedItems | undefined>)
    | undefined;
  /** What the `context` of all sessions means; one column at most has the types of the clicks. */
  readonly contextColumns?: readonly ClickColumn[] | undefined;
}

export interface TrainedClicks extends ClickShape {
  /** `clickFeatureScale` */
  readonly scale: number;
}

/** Which values are features, as JSON; dataset/items has its format. */
export type FeatureVocabularyJson = Readonly<Record<string, unknown>>;

/** The features of items, numbered by a vocabulary, and their vectors. */
export interface EncodedItems extends NumberedItems {
  readonly vocabulary: FeatureVocabularyJson;
}

export type TrainedFeatures = ItemFeatures & EncodedItems;

export interface PreparedData extends TrainingData {
  readonly features?: TrainedFeatures | undefined;
  /** With features of clicks: these are the context of the sessions. */
  readonly clicks?: TrainedClicks | undefined;
  readonly clickVocabulary?: ClickVocabulary | undefined;
  /** Items that no training has seen a click of. */
  readonly untrained?: Int32Array | undefined;
}

/** Whether sessions are read during training. */
export function areOnDisk(train: TrainingData['train']): train is SessionsOnDisk {
  return 'read' in train;
}

export function eventsOf(train: TrainingData['train']): number {
  return areOnDisk(train) ? train.blocks.reduce((sum, { events }) => sum + events, 0) : train.items.length;
}

/** Ids and bytes hashed per call; `update` takes less than 2 GiB. */
const IDS_AT_ONCE = 4096;
const BYTES_AT_ONCE = 1 << 28;

type NamedSessions = SessionArrays & { readonly checksum?: string };

/** SHA-256 of the data that a run trains and validates on, in order; of sessions' checksums where they have one. */
export function dataChecksum(
  { itemIds, support, train, features }: PreparedData,
  validation?: NamedSessions,
): string {
  const hash = platform.sha256();
  for (let at = 0; at < itemIds.length; at += IDS_AT_ONCE) {
    hash.update(JSON.stringify(itemIds.slice(at, at + IDS_AT_ONCE)));
  }
  hashArray(hash, support);
  if (features) hashArray(hash, features.table);
  if (features?.vectors) hashArray(hash, features.vectors);
  if (train.checksum !== undefined) hash.update(`;train ${train.checksum}`);
  else if (!areOnDisk(train)) {
    for (const array of [train.sessionOffsets, train.items, train.sessionStartTimes]) hashArray(hash, array);
    if (train.context) hashArray(hash, train.context);
    if (train.blocks) hash.update(JSON.stringify(train.blocks.map(({ sessions }) => sessions)));
  }
  if (validation?.checksum !== undefined) hash.update(`;validation ${validation.checksum}`);
  else if (validation) {
    for (const array of [validation.sessionOffsets, validation.items]) hashArray(hash, array);
    if (validation.context) hashArray(hash, validation.context);
  }
  return hash.hex();
}

function hashArray(
  hash: Sha256,
  { buffer, byteOffset, byteLength }: Int32Array | Float32Array | Float64Array,
): void {
  hash.update(`;${byteLength};`);
  for (let at = 0; at < byteLength; at += BYTES_AT_ONCE) {
    hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(BYTES_AT_ONCE, byteLength - at)));
  }
}
