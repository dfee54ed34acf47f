import type { Backend } from '../backends/backend.ts';
import type { CheckedOptions } from '../options.ts';

/** How many types are listed at most, the most frequent ones. */
const LISTED = 20;

/** Calls `onAbsentTypes` with the requested event types that no row has. */
export async function findAbsentTypes(
  db: Backend,
  { eventTypes = [], onAbsentTypes }: CheckedOptions,
): Promise<void> {
  if (eventTypes.length === 0 || onAbsentTypes === undefined) return;
  const among = `event IN (${eventTypes.map(db.quote).join(', ')})`;
  const present = new Set(await typesIn(db, among, eventTypes.length));
  const absent = eventTypes.filter((type) => !present.has(type));
  if (absent.length > 0) onAbsentTypes({ absent, found: await typesIn(db, 'event IS NOT NULL', LISTED) });
}

async function typesIn(db: Backend, where: string, most: number): Promise<string[]> {
  const rows = await db.rows(`
    SELECT CAST(event AS STRING) AS type FROM judged WHERE ${where}
    GROUP BY event ORDER BY count(*) DESC, type LIMIT ${most}`);
  return rows.map(({ type }) => String(type));
}
