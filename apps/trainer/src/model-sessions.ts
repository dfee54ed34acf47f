import type { Gru4Rec } from '@gru4rec/model';
import type { SessionDataset, SessionTable } from '@gru4rec/sessions';

/** Sessions in CSR form, and how often each item occurs in training; items by index. */
export interface IndexedSessions {
  readonly sessions: { readonly sessionOffsets: Int32Array; readonly items: Int32Array };
  readonly support: Int32Array;
}

/**
 * A split of a dataset with the item indices of a model, which go by the caller's ids.
 *
 * @throws Error if dataset and model do not know the same items.
 */
export function modelSessions(model: Gru4Rec, dataset: SessionDataset, split: SessionTable): IndexedSessions {
  const toModel = Int32Array.from(dataset.itemIds, (itemId) => model.itemIndex(itemId) ?? -1);
  checkSameItems(model, dataset, toModel);
  const support = new Int32Array(model.itemIds.length);
  for (const [item, index] of toModel.entries()) support[index] = dataset.support[item] ?? 0;
  const items = split.items.map((item) => toModel[item] as number);
  return { sessions: { sessionOffsets: split.sessionOffsets, items }, support };
}

function checkSameItems(model: Gru4Rec, dataset: SessionDataset, toModel: Int32Array): void {
  const advice = 'Evaluate on the dataset that the model was trained on';
  const unknown = toModel.indexOf(-1);
  if (unknown >= 0) {
    const count = toModel.filter((index) => index < 0).length;
    const first = JSON.stringify(dataset.itemIds[unknown]);
    throw new Error(
      `The model does not know ${count} of the dataset's ${toModel.length} items, the first being ${first}. ${advice}`,
    );
  }
  if (model.itemIds.length === toModel.length) return;
  throw new Error(
    `The model knows ${model.itemIds.length} items, the dataset holds ${toModel.length} of them. ${advice}`,
  );
}
