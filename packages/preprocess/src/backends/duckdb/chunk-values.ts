import { DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import { EventLoader } from '../../events/event-loader.ts';
import type { Integers } from '../../events/integer-index.ts';
import { type DuckDb, MAX_CHUNK_ROWS } from './duckdb.ts';

export function textsOf(chunk: DuckDBDataChunk, column: number): string[] {
  return chunk.getColumnVector(column).toArray() as string[];
}

/** Without NULL, in the memory of the chunk. */
export function numbersOf(chunk: DuckDBDataChunk, column: number): Integers {
  const vector = chunk.getColumnVector(column);
  const { items } = vector as { items?: unknown };
  const isKnown =
    items instanceof Int32Array || items instanceof BigInt64Array || items instanceof Float64Array;
  if (isKnown) return items;
  throw new TypeError(`chunk: column ${column} is ${vector.type}.`);
}

export function arrayOf<Values extends Integers>(
  chunk: DuckDBDataChunk,
  column: number,
  type: new (length: number) => Values,
): Values {
  const values = numbersOf(chunk, column);
  if (values instanceof type) return values;
  throw new TypeError(`chunk: column ${column} is not of ${type.name}.`);
}

export async function readTexts(db: DuckDb, sql: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of db.chunks(sql)) texts.push(...textsOf(chunk, 0));
  return texts;
}

export async function appendTexts(
  db: DuckDb,
  table: string,
  texts: AsyncIterable<readonly string[]>,
): Promise<void> {
  const appender = await db.appender(table);
  for await (const piece of texts) {
    for (let from = 0; from < piece.length; from += MAX_CHUNK_ROWS) {
      const values = piece.slice(from, from + MAX_CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create([VARCHAR], values.length);
      chunk.setColumns([values]);
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}

/** Bytes per event: its columns, and what is counted and ordered beside them. */
const EVENT_BYTES = 22;
const CONTEXT_BYTES = 8;
/** Bytes per event with a text id, of which at most two are strings. */
const NAME_BYTES = 100;
/** Most events with text ids, so that the strings fit in the heap of Node's default. */
const MAX_NAMED_EVENTS = 2 ** 23;
const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Beside table `raw`, within the memory limit. */
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

/** @param from - SQL: `session` and `item`, integers, `ms`, and `context`. @returns undefined if not in order of time. */
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
