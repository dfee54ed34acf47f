import type { SessionArrays } from '@gru4rec/metrics';
import type { Recommender } from '@gru4rec/recommender';
import type { SessionDataset } from '@gru4rec/sessions';

/** Sessions in one or more parts. */
export type Parts = AsyncIterable<SessionArrays> | Iterable<SessionArrays>;

/** The item table of a dataset. */
export type DatasetItems = Pick<SessionDataset, 'itemIds' | 'support' | 'contextColumns'>;

/** Sessions and support, with the item indices of a model. */
export interface IndexedSessions {
  readonly parts: Parts;
  readonly support: Int32Array;
}

/**
 * Maps the sessions of a dataset to the item indices of a model, by item id.
 *
 * @throws Error if the dataset has items that the model does not know. A model whose training was continued may know more
 *   items than the dataset; it ranks against all of its items.
 */
export function modelSessions(model: Recommender, dataset: DatasetItems, parts: Parts): IndexedSessions {
  const toModel = new Int32Array(dataset.itemIds.length);
  let at = 0;
  for (const itemId of dataset.itemIds) toModel[at++] = model.itemIndex(itemId) ?? -1;
  checkKnown(dataset, toModel);
  const support = new Int32Array(model.itemIds.length);
  for (const [item, index] of toModel.entries()) support[index] = dataset.support[item] ?? 0;
  return { parts: mapItems(parts, toModel), support };
}

async function* mapItems(parts: Parts, toModel: Int32Array): AsyncGenerator<SessionArrays> {
  for await (const { sessionOffsets, items, context } of parts) {
    const mapped = items.map((item) => toModel[item] as number);
    yield { sessionOffsets, items: mapped, ...(context && { context }) };
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
