import { DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import { textsOf } from './chunk-values.ts';
import { type DuckDb, MAX_CHUNK_ROWS } from './duckdb.ts';

/** All texts of a query. */
export async function readTexts(db: DuckDb, sql: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of db.chunks(sql)) texts.push(...textsOf(chunk, 0));
  return texts;
}

/** Adds texts to a table of one column. */
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
