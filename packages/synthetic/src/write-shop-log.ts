import { replaceFile } from '@gru4rec/durable-files';
import { type ShopLogOptions, toSettings } from './options.ts';
import { type ShopLogRows, shopLogBatches } from './shop-log.ts';

/**
 * Writes a log as TSV with the header SessionId, ItemId, Time (integer seconds since 1970). An existing file is
 * replaced once the new one is complete.
 *
 * @throws TypeError, RangeError if an option is invalid; DurableError naming the file if it cannot be written.
 */
export async function writeShopLog(path: string, options: ShopLogOptions): Promise<void> {
  toSettings(options);
  await replaceFile(path, linesOf(options));
}

function* linesOf(options: ShopLogOptions): Generator<Uint8Array> {
  yield Buffer.from('SessionId\tItemId\tTime\n');
  for (const rows of shopLogBatches(options)) yield Buffer.from(toLines(rows));
}

function toLines({ sessionIds, itemIds, times }: ShopLogRows): string {
  let lines = '';
  for (let row = 0; row < times.length; row++) {
    lines += `${sessionIds[row]}\t${itemIds[row]}\t${times[row]}\n`;
  }
  return lines;
}
