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
  /** Columns with vectors, which are left out: what comes of them is in the rows of items. */
  readonly vectors: readonly string[];
}

/**
 * What a trained model records about its items: what the dataset records, and about other items what the continued model
 * records.
 *
 * @returns the content of `item-info.jsonl`; undefined if neither folder has one.
 */
export async function itemInfoToSave(
  itemIds: ItemIds,
  { data, manifest, continued, vectors }: ItemInfoFolders,
): Promise<Uint8Array | undefined> {
  const ofData = await readItemInfo(data, manifest);
  const ofModel = continued === undefined ? undefined : await readModelItemInfo(continued);
  if (!ofData || (!ofModel && vectors.length === 0)) return ofData ?? ofModel;
  const sources = [
    { bytes: ofData, path: join(data, ITEM_INFO_FILE) },
    { bytes: ofModel ?? new Uint8Array(), path: join(continued ?? '', ITEM_INFO_FILE) },
  ].map(({ bytes, path }) => ({ path, rows: itemRowsOf(bytes, path) }));
  const chunks: Uint8Array[] = [];
  const lines = itemInfoLines(sources, ItemIdTable.of(itemIds), undefined, vectors);
  for await (const chunk of lines) chunks.push(chunk);
  return Buffer.concat(chunks);
}
