import { replaceFile } from '@gru4rec/durable-files';
import { RandomStream } from '@gru4rec/random';
import { type ShopLogOptions, toSettings } from './catalogue.ts';
import { FIRST_ITEM_ID, ITEM_PRIME, scrambledIds } from './draws.ts';
import { generateVisits, VisitQueue } from './visits.ts';

/** Columns of a log, in order of time. Clicks in the same second are in order of their visits' start. */
export interface ShopLogRows {
  /** [rows], in [10⁹, 2³¹). */
  readonly sessionIds: Int32Array;
  /** [rows], in [10⁸, 10⁹). */
  readonly itemIds: Int32Array;
  /** [rows], seconds since 1970, integers. */
  readonly times: Float64Array;
}

const DEFAULT_BATCH_ROWS = 65_536;

/**
 * Generates a realistic log of visits to a shop. Items have a category, links to related items, and a long-tailed
 * popularity that changes over the days. A visitor's intent lasts for the visit.
 * @returns all rows, 16 bytes each.
 * @throws TypeError, RangeError if the seed is invalid.
 */
export function generateShopLog(options: ShopLogOptions): ShopLogRows {
  const { events } = toSettings(options);
  const [rows] = shopLogBatches({ ...options, batchRows: events });
  return rows;
}

/**
 * Generates the same log in batches. Only a batch, the catalogue and the running visits are in memory.
 * @param options.batchRows - rows per batch, fewer in the last one. Default: 65,536.
 * @returns batches of successive rows, each in new arrays.
 * @throws TypeError, RangeError on the first batch if the seed is invalid.
 */
export function* shopLogBatches(
  options: ShopLogOptions & { readonly batchRows?: number },
): Generator<ShopLogRows, void> {
  const { batchRows = DEFAULT_BATCH_ROWS, ...log } = options;
  const settings = toSettings(log);
  const stream = new RandomStream(settings.seed, 'synthetic.item-ids');
  const idOf = scrambledIds(FIRST_ITEM_ID, ITEM_PRIME, stream);
  const queue = new VisitQueue();
  const visits = generateVisits(settings);
  let upcoming = visits.next().value;
  for (let done = 0; done < settings.events; ) {
    const length = Math.min(batchRows, settings.events - done);
    const rows = {
      sessionIds: new Int32Array(length),
      itemIds: new Int32Array(length),
      times: new Float64Array(length),
    };
    for (let row = 0; row < length; row++) {
      let first = queue.first;
      // Visits that start before the next click, or in the same second, must be in the queue.
      while (upcoming && !(first && first.times[first.next] < upcoming.times[0])) {
        queue.push(upcoming);
        upcoming = visits.next().value;
        first = queue.first;
      }
      if (first === undefined) break;
      rows.sessionIds[row] = first.sessionId;
      rows.itemIds[row] = idOf(first.items[first.next]);
      rows.times[row] = first.times[first.next];
      queue.advance();
    }
    done += length;
    yield rows;
  }
}

/**
 * Writes a log as TSV with the header SessionId, ItemId, Time (integer seconds since 1970). An existing file is
 * replaced once the new one is complete.
 * @throws TypeError, RangeError if the seed is invalid; DurableError naming the file if it cannot be written.
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
