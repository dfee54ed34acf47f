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
 * @throws Error if the dataset holds items that the model does not know. A model that went on training may know
 *   more items than the dataset: it ranks against all of its own.
 */
export function modelSessions(model: Gru4Rec, dataset: SessionDataset, split: SessionTable): IndexedSessions {
  const toModel = Int32Array.from(dataset.itemIds, (itemId) => model.itemIndex(itemId) ?? -1);
  checkKnown(dataset, toModel);
  const support = new Int32Array(model.itemIds.length);
  for (const [item, index] of toModel.entries()) support[index] = dataset.support[item] ?? 0;
  const items = split.items.map((item) => toModel[item] as number);
  return { sessions: { sessionOffsets: split.sessionOffsets, items }, support };
}

function checkKnown(dataset: SessionDataset, toModel: Int32Array): void {
  const unknown = toModel.indexOf(-1);
  if (unknown < 0) return;
  const count = toModel.filter((index) => index < 0).length;
  const first = JSON.stringify(dataset.itemIds[unknown]);
  throw new Error(
    `The model does not know ${count} of the dataset's ${toModel.length} items, the first being ${first}. ` +
      'Evaluate on the dataset that the model was trained on',
  );
}
