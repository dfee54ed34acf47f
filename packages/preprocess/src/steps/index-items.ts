import type { Backend } from '../backends/backend.ts';
import { splitNumbers } from './sessionize.ts';

/**
 * Numbers items by their first training event and orders sessions by their first event.
 *
 * Table `item_index`: `item`, `item_index` (from 0), `support`. Table `session_index`: `session`, `split`, `events`,
 * `first` (the position of its first event).
 */
export async function indexItems(db: Backend): Promise<void> {
  await db.createItemIndex(`
    SELECT item, min(ord) AS first, CAST(count(*) AS INTEGER) AS support
    FROM events WHERE split = ${splitNumbers.train} GROUP BY item`);
  await db.createTable(
    'session_index',
    `SELECT session, split, CAST(count(*) AS INTEGER) AS events, min(ord) AS first
     FROM events GROUP BY session, split`,
  );
}
