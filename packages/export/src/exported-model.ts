import type { ItemIds } from '@gru4rec/item-ids';
import { type ClickVocabulary, type ModelConfig, type StoredTensor, withoutFeatures } from '@gru4rec/model';

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

/** What exports hold: parameters and tables. Items of a model with features have the composed rows, and no features. */
export function exportedParts({ config, itemIds, tensors, clickVocabulary }: ExportedModel): ExportedModel {
  const read = tensors.filter(({ kind }) => kind !== 'slot');
  return {
    config: { ...config, itemFeatures: [], itemVectors: [] },
    itemIds,
    tensors: withoutFeatures(read),
    clickVocabulary,
  };
}
