import { join } from 'node:path';
import { type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import { ITEM_INFO_FILE, itemInfoLines, itemRowsOf } from '@gru4rec/item-info';
import { readModelItemInfo } from '@gru4rec/model';
import { type DatasetManifest, readItemInfo } from '@gru4rec/sessions';

/** Folders that may record something about items. */
export interface ItemInfoFolders {
  readonly data: string;
  readonly manifest: DatasetManifest;
  /** Folder of the model whose training is continued. */
  readonly continued: string | undefined;
}

/**
 * What a trained model records about its items: that of the dataset, then, about other items, that of the continued model.
 *
 * @returns the content of `item-info.jsonl`; undefined if neither folder has one.
 */
export async function itemInfoToSave(
  itemIds: ItemIds,
  { data, manifest, continued }: ItemInfoFolders,
): Promise<Uint8Array | undefined> {
  const ofData = await readItemInfo(data, manifest);
  const ofModel = continued === undefined ? undefined : await readModelItemInfo(continued);
  if (!ofData || !ofModel) return ofData ?? ofModel;
  const sources = [
    { bytes: ofData, path: join(data, ITEM_INFO_FILE) },
    { bytes: ofModel, path: join(continued ?? '', ITEM_INFO_FILE) },
  ].map(({ bytes, path }) => ({ path, rows: itemRowsOf(bytes, path) }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of itemInfoLines(sources, ItemIdTable.of(itemIds))) chunks.push(chunk);
  return Buffer.concat(chunks);
}
