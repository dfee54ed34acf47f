import { createHash } from 'node:crypto';
import { copyFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ItemIdTable } from '@gru4rec/item-ids';
import type { DatasetManifest, FileRecord } from './manifest.ts';
import { openChecked } from './open-file.ts';

/** File of what is known about the items; the package item-info has its format. */
export const ITEM_INFO_FILE = 'item-info.jsonl';

/** Makes the content of the file from all item ids, in order of item index. */
export type ItemInfoSource = (itemIds: ItemIdTable) => AsyncIterable<Uint8Array>;

/** Writes the file and flushes it to disk. */
export async function writeItemInfo(folder: string, chunks: AsyncIterable<Uint8Array>): Promise<FileRecord> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(join(folder, ITEM_INFO_FILE), 'wx');
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk);
      hash.update(chunk);
      bytes += chunk.byteLength;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * Reads the file, after a check of its size and checksum.
 *
 * @returns its bytes, fresh; undefined if the dataset has none.
 * @throws DataError naming the file.
 */
export async function readItemInfo(
  directory: string,
  { itemInfo }: DatasetManifest,
): Promise<Uint8Array | undefined> {
  if (itemInfo === undefined) return undefined;
  const { handle } = await openChecked(directory, ITEM_INFO_FILE, itemInfo);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Copies the file from another dataset, after the checks of `readItemInfo`. */
export async function copyItemInfo(
  from: string,
  { itemInfo }: DatasetManifest,
  folder: string,
): Promise<FileRecord | undefined> {
  if (itemInfo === undefined) return undefined;
  await (await openChecked(from, ITEM_INFO_FILE, itemInfo)).handle.close();
  await copyFile(join(from, ITEM_INFO_FILE), join(folder, ITEM_INFO_FILE));
  return itemInfo;
}
