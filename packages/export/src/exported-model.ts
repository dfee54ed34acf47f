import type { ItemIds } from '@gru4rec/item-ids';
import type { ModelConfig, StoredTensor } from '@gru4rec/model';

/** The parts of a model that exports read. A `Gru4Rec` has them, and so has the result of `readModel`. */
export interface ExportedModel {
  readonly config: ModelConfig;
  /** The caller's item ids by item index. */
  readonly itemIds: ItemIds;
  /** Parameters and tables. Slots of an optimiser are ignored. */
  readonly tensors: readonly StoredTensor[];
}
