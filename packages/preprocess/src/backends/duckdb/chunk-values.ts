import { DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import { type DuckDb, MAX_CHUNK_ROWS } from './duckdb.ts';

export function textsOf(chunk: DuckDBDataChunk, column: number): string[] {
  return chunk.getColumnVector(column).toArray() as string[];
}

/** Without NULL, in the memory of the chunk. */
export function arrayOf<Values>(
  chunk: DuckDBDataChunk,
  column: number,
  type: new (length: number) => Values,
): Values {
  const { items } = chunk.getColumnVector(column) as { items?: unknown };
  if (items instanceof type) return items;
  throw new TypeError(`chunk: column ${column} is not of ${type.name}.`);
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
