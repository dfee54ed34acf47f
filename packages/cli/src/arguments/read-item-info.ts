import { join } from 'node:path';
import { type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import { ITEM_INFO_FILE, ItemInfoTable } from '@gru4rec/item-info';
import { readRecommenderItemInfo } from '@gru4rec/recommender';
import { readItemInfo, type SessionDataset } from '@gru4rec/sessions';

/**
 * What the folder of a model, a baseline or a mix records about its items.
 *
 * @returns undefined if it records nothing.
 * @throws Error naming the file, if it is damaged.
 */
export async function readItemInfoOf(folder: string, itemIds: ItemIds): Promise<ItemInfoTable | undefined> {
  return tableOf(await readRecommenderItemInfo(folder), itemIds, folder);
}

/**
 * What a dataset records about its items.
 *
 * @returns undefined if it records nothing.
 * @throws Error naming the file, if it is damaged.
 */
export async function readItemInfoOfData(
  folder: string,
  { itemIds, manifest }: Pick<SessionDataset, 'itemIds' | 'manifest'>,
): Promise<ItemInfoTable | undefined> {
  return tableOf(await readItemInfo(folder, manifest), itemIds, folder);
}

function tableOf(bytes: Uint8Array | undefined, itemIds: ItemIds, folder: string): ItemInfoTable | undefined {
  return bytes && ItemInfoTable.of(bytes, ItemIdTable.of(itemIds), join(folder, ITEM_INFO_FILE));
}
