import { open, rename, rm } from 'node:fs/promises';
import type { ShopLogOptions } from './options.ts';
import { type ShopLogRows, shopLogBatches } from './shop-log.ts';

/**
 * Writes a log as TSV with the header SessionId, ItemId, Time (whole seconds since 1970).
 *
 * The file appears whole or not at all: it is written beside its place under a temporary name, then renamed. A file
 * of that name is replaced.
 *
 * @throws TypeError, RangeError if an option is wrong; what the file system throws.
 */
export async function writeShopLog(path: string, options: ShopLogOptions): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.write('SessionId\tItemId\tTime\n');
      for (const rows of shopLogBatches(options)) await file.write(toLines(rows));
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function toLines({ sessionIds, itemIds, times }: ShopLogRows): string {
  let lines = '';
  for (let row = 0; row < times.length; row++) {
    lines += `${sessionIds[row]}\t${itemIds[row]}\t${times[row]}\n`;
  }
  return lines;
}
