import type { Backend } from '../backends/backend.ts';
import type { EventCounts } from './event-counts.ts';
import { splitNumbers } from './sessionize.ts';

/**
 * Numbers items by their first training event and orders sessions by their first event.
 *
 * Table `item_index`: `item`, `item_index` (from 0), `support`. View `session_index`: `session`, `split`, `events`,
 * `first` (the position of its first event).
 */
export async function indexItems(db: Backend, counts: EventCounts): Promise<void> {
  await db.createItemIndex(`
    SELECT item, min(ord) AS first, CAST(count(*) AS INTEGER) AS support
    FROM events WHERE split = ${splitNumbers.train} GROUP BY item`);
  await counts.update('session');
  await db.createView('session_index', 'SELECT session, split, events, first FROM session_counts');
}
