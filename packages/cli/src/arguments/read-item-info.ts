import { join } from 'node:path';
import { type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import { ITEM_INFO_FILE, ItemInfoTable } from '@gru4rec/item-info';
import { readModelItemInfo } from '@gru4rec/model';

/**
 * What a model folder records about the model's items.
 *
 * @returns undefined if it records nothing.
 * @throws Error naming the file, if it is damaged.
 */
export async function readItemInfoOf(folder: string, itemIds: ItemIds): Promise<ItemInfoTable | undefined> {
  const bytes = await readModelItemInfo(folder);
  return bytes && ItemInfoTable.of(bytes, ItemIdTable.of(itemIds), join(folder, ITEM_INFO_FILE));
}
