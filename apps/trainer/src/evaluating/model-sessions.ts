import type { SessionArrays } from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import type { SessionDataset } from '@gru4rec/sessions';

/** Sessions in CSR form, all at once or part by part. */
export type Parts = AsyncIterable<SessionArrays> | Iterable<SessionArrays>;

/** The item table of a dataset. */
export type DatasetItems = Pick<SessionDataset, 'itemIds' | 'support'>;

/** Sessions, and how often each item occurs in training; items by index. */
export interface IndexedSessions {
  readonly parts: Parts;
  readonly support: Int32Array;
}

/**
 * Sessions of a dataset with the item indices of a model, which go by the caller's ids.
 *
 * @throws Error if the dataset holds items that the model does not know. A model that went on training may know
 *   more items than the dataset: it ranks against all of its own.
 */
export function modelSessions(model: Gru4Rec, dataset: DatasetItems, parts: Parts): IndexedSessions {
  const toModel = new Int32Array(dataset.itemIds.length);
  let at = 0;
  for (const itemId of dataset.itemIds) toModel[at++] = model.itemIndex(itemId) ?? -1;
  checkKnown(dataset, toModel);
  const support = new Int32Array(model.itemIds.length);
  for (const [item, index] of toModel.entries()) support[index] = dataset.support[item] ?? 0;
  return { parts: mapItems(parts, toModel), support };
}

async function* mapItems(parts: Parts, toModel: Int32Array): AsyncGenerator<SessionArrays> {
  for await (const { sessionOffsets, items } of parts) {
    yield { sessionOffsets, items: items.map((item) => toModel[item] as number) };
  }
}

function checkKnown(dataset: DatasetItems, toModel: Int32Array): void {
  const unknown = toModel.indexOf(-1);
  if (unknown < 0) return;
  const count = toModel.filter((index) => index < 0).length;
  const first = JSON.stringify(dataset.itemIds.at(unknown));
  throw new Error(
    `The model does not know ${count} of the dataset's ${toModel.length} items, the first being ${first}. ` +
      'Evaluate on the dataset that the model was trained on',
  );
}
