import { EventLoader } from '../../events/event-loader.ts';
import { arrayOf, numbersOf } from './chunk-values.ts';
import type { DuckDb } from './duckdb.ts';

/** Bytes per event: its columns, and what is counted and ordered beside them. */
const EVENT_BYTES = 22;
/** Bytes per event with the number of a context. */
const CONTEXT_BYTES = 8;
/** Bytes per event with a text id, of which at most two are strings. */
const NAME_BYTES = 100;
/** Most events with text ids, so that the strings fit in the heap of Node's default. */
const MAX_NAMED_EVENTS = 2 ** 23;
const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Whether the events of table `raw` fit in arrays beside the table, within the memory limit. */
export async function fitsInMemory(
  db: DuckDb,
  rows: number,
  hasNames: boolean,
  hasContext = false,
): Promise<boolean> {
  if (hasNames && rows > MAX_NAMED_EVENTS) return false;
  const [row = {}] = await db.rows(`
    SELECT current_setting('memory_limit') AS most, (SELECT sum(memory_usage_bytes) FROM duckdb_memory()) AS used`);
  const [size = '', unit = ''] = String(row['most']).split(' ');
  const limit = Number(size) * 1024 ** units.indexOf(unit);
  const bytes = EVENT_BYTES + (hasContext ? CONTEXT_BYTES : 0) + (hasNames ? NAME_BYTES : 0);
  return Number(row['used']) + rows * bytes <= limit;
}

/**
 * Loads events.
 *
 * @param from - SQL: `session` and `item`, integers, `ms`, and `context`, an integer, if `hasContext`.
 * @returns undefined if they are not in order of time.
 */
export async function loadEvents(
  db: DuckDb,
  from: string,
  { rows, hasContext }: { readonly rows: number; readonly hasContext: boolean },
  onProgress: (fraction: number) => void,
): Promise<EventLoader | undefined> {
  const loader = new EventLoader(rows, hasContext);
  const columns = `session, item, CAST(ms AS DOUBLE) AS ms${hasContext ? ', context' : ''}`;
  for await (const chunk of db.chunks(`SELECT ${columns} FROM ${from}`)) {
    const times = arrayOf(chunk, 2, Float64Array);
    const contexts = hasContext ? arrayOf(chunk, 3, Int32Array) : undefined;
    const isInOrder = loader.add(numbersOf(chunk, 0), numbersOf(chunk, 1), times, contexts);
    if (!isInOrder) return undefined;
    onProgress(loader.length / rows);
  }
  return loader;
}
