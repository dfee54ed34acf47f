import type { ItemIds } from '@gru4rec/dataset/ids';
import type { VariableKind } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import type { ClickVocabulary } from '../programs/click-features.ts';
import type { EpochRecord } from '../training/epoch-record.ts';
import type { FeatureVocabularyJson } from '../training/training-data.ts';

/** A variable's name, extents and values, row-major. */
export interface NamedTensor<Values extends Float32Array | Float64Array> {
  readonly name: string;
  readonly kind: VariableKind;
  readonly rows: number;
  readonly cols: number;
  readonly values: Values;
}

/** A variable of a trained model, in float32. */
export interface StoredTensor extends NamedTensor<Float32Array> {
  /** The same values in pieces, later ones over earlier ones, where `values` would be a copy of a large table. */
  readonly pieces?: readonly TensorPiece[];
}

/** Rows of a variable, from `row` on. */
export interface TensorPiece {
  readonly row: number;
  /** [rows × cols] */
  readonly values: Float32Array;
}

/** A variable in the middle of training, in the engine's precision, so that nothing is rounded. */
export type SnapshotTensor = NamedTensor<Float32Array | Float64Array>;

/** The dataset a model was trained on. */
export interface DatasetReference {
  readonly checksum: string;
  readonly directory: string;
  /** Time of the last training click, in milliseconds since 1970 UTC. */
  readonly lastMs?: number;
  /** The last day of a server's event log that it has, of which it has all: `YYYY-MM-DD`. */
  readonly logThrough?: string;
}

/** The contents of a model folder. */
export interface StoredModel {
  readonly config: ModelConfig;
  readonly itemIds: ItemIds;
  readonly history: readonly EpochRecord[];
  /** Parameters, tables and optimiser slots. */
  readonly tensors: readonly StoredTensor[];
  /** [I] clicks per item in the training sessions that started last; see `countRecentClicks`. Models of others lack it. */
  readonly recentClicks?: Float32Array;
  /** Which values of items are features, as it was learnt; only with `itemFeatures` or `itemVectors`. */
  readonly vocabulary?: FeatureVocabularyJson | undefined;
  /** Which values of clicks are features, as it was learnt; only with `clickFeatures`. */
  readonly clickVocabulary?: ClickVocabulary | undefined;
  /** The dataset of its last training, if it is recorded. */
  readonly dataset?: DatasetReference;
  /** SHA-256 of the manifest, which covers all files: equal for equal models. Only of a model that was read. */
  readonly checksum?: string;
}

/** What a saved model records beside its own content. */
export interface SaveInfo {
  readonly dataset?: DatasetReference;
  /** Content of `item-info.jsonl`; dataset/items has its format. */
  readonly itemInfo?: Uint8Array;
}

/** The values of a tensor; empty if there is none of this name. */
export function valuesOf(tensors: readonly StoredTensor[], name: string): Float32Array {
  return tensors.find((tensor) => tensor.name === name)?.values ?? new Float32Array();
}

/** The tensors with other values, by name; those that are not named keep theirs. */
export function withValues(
  tensors: readonly StoredTensor[],
  changed: Readonly<Record<string, Float32Array>>,
): StoredTensor[] {
  return tensors.map((tensor) => ({ ...tensor, values: changed[tensor.name] ?? tensor.values }));
}
