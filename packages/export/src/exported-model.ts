import type { ItemIds } from '@gru4rec/item-ids';
import type { ModelConfig, StoredTensor } from '@gru4rec/model';

/** What is exported of a model: a `Gru4Rec`, or what `readModel` gives. */
export interface ExportedModel {
  readonly config: ModelConfig;
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  /** Parameters and tables; an optimiser's slots may be among them and are passed over. */
  readonly tensors: readonly StoredTensor[];
}
