import { createHash } from 'node:crypto';
import type { ItemIds } from '@gru4rec/dataset/ids';
import {
  type ClickVocabulary,
  type ModelConfig,
  type StoredTensor,
  withoutFeatures,
  withTableRows,
} from '@gru4rec/model';

/** The parts of a model that exports read. A `Gru4Rec` has them, and so has the result of `readModel`. */
export interface ExportedModel {
  readonly config: ModelConfig;
  /** The caller's item ids by item index. */
  readonly itemIds: ItemIds;
  /** Parameters and tables. Slots of an optimiser are ignored. */
  readonly tensors: readonly StoredTensor[];
  /** Which values of clicks are features, with `clickFeatures`. */
  readonly clickVocabulary?: ClickVocabulary | undefined;
}

/** Items of a model with features have the composed rows, and no features. */
export function exportedParts({ config, itemIds, tensors, clickVocabulary }: ExportedModel): ExportedModel {
  const read = withTableRows(tensors, itemIds.length).filter(({ kind }) => kind !== 'slot');
  return {
    config: { ...config, itemFeatures: [], itemVectors: [] },
    itemIds,
    tensors: withoutFeatures(read),
    clickVocabulary,
  };
}

const IDS_AT_ONCE = 1 << 14;

/** A JSON array in pieces of bytes, because the text for some ten million ids is too long for a V8 string. */
export function* idChunks(itemIds: ItemIds): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < itemIds.length; from += IDS_AT_ONCE) {
    const list = JSON.stringify(itemIds.slice(from, from + IDS_AT_ONCE)).slice(1, -1);
    yield encoder.encode(`${from === 0 ? '[' : ','}${list}`);
  }
  yield encoder.encode(itemIds.length === 0 ? '[]\n' : ']\n');
}

/** SHA-256 in hexadecimal. Readers check with it that a graph and a list of ids belong together. */
export function idsChecksum(itemIds: ItemIds): string {
  const hash = createHash('sha256');
  for (const chunk of idChunks(itemIds)) hash.update(chunk);
  return hash.digest('hex');
}
