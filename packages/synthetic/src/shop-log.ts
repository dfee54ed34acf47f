import { RandomStream } from '@gru4rec/random';
import { scrambledIds } from './ids.ts';
import { checkInteger, type ShopLogOptions, toSettings } from './options.ts';
import { VisitQueue } from './visit-queue.ts';
import { generateVisits } from './visits.ts';

/** Rows of a log as columns, in order of time; clicks of the same second by start of the visit. */
export interface ShopLogRows {
  /** [rows] in [10⁹, 2³¹) */
  readonly sessionIds: Int32Array;
  /** [rows] in [10⁸, 10⁹) */
  readonly itemIds: Int32Array;
  /** [rows] whole seconds since 1970. */
  readonly times: Float64Array;
}

const FIRST_ITEM_ID = 100_000_000;
const ITEM_PRIME = 536_870_909;
const DEFAULT_BATCH_ROWS = 65_536;

/**
 * Makes a seeded, realistic log of visits to a shop.
 *
 * Items have long-tailed popularity that drifts over the days, a category, and links to related items; a visitor
 * follows links, browses, changes category, digresses, repeats and goes back, by an intent that lasts for the visit.
 *
 * @returns all rows (fresh): 16 bytes each.
 * @throws TypeError, RangeError if an option is wrong.
 */
export function generateShopLog(options: ShopLogOptions): ShopLogRows {
  const { events } = toSettings(options);
  const [rows] = shopLogBatches({ ...options, batchRows: events });
  return rows;
}

/**
 * The same log in batches: what is held is a batch, the catalogue and the visits under way.
 *
 * @param options.batchRows - rows a batch, fewer in the last: 65,536 if not given.
 * @returns batches of successive rows (each fresh).
 * @throws TypeError, RangeError if an option is wrong, on the first batch.
 */
export function* shopLogBatches(
  options: ShopLogOptions & { readonly batchRows?: number },
): Generator<ShopLogRows, void> {
  const settings = toSettings(options);
  const { batchRows = DEFAULT_BATCH_ROWS } = options;
  checkInteger('batchRows', batchRows, 1, 1e9);
  const stream = new RandomStream(settings.seed, 'synthetic.item-ids');
  const idOf = scrambledIds(FIRST_ITEM_ID, ITEM_PRIME, stream);
  const queue = new VisitQueue();
  const visits = generateVisits(settings);
  let coming = visits.next().value;
  for (let done = 0; done < settings.events; ) {
    const rows = emptyRows(Math.min(batchRows, settings.events - done));
    for (let row = 0; row < rows.times.length; row++) {
      let first = queue.first;
      // Before a click is due, every visit that may start earlier must be under way.
      while (coming && !(first && first.times[first.next] < coming.times[0])) {
        queue.push(coming);
        coming = visits.next().value;
        first = queue.first;
      }
      if (first === undefined) break;
      rows.sessionIds[row] = first.sessionId;
      rows.itemIds[row] = idOf(first.items[first.next]);
      rows.times[row] = first.times[first.next];
      queue.advance();
    }
    done += rows.times.length;
    yield rows;
  }
}

function emptyRows(rows: number): ShopLogRows {
  return {
    sessionIds: new Int32Array(rows),
    itemIds: new Int32Array(rows),
    times: new Float64Array(rows),
  };
}
