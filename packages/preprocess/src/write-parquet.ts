import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import { DuckDb, identifier, MAX_CHUNK_ROWS, quote } from './backends/duckdb/duckdb.ts';

const types = { INTEGER, DOUBLE, VARCHAR } as const;

/** Name and type of each column, in their order. */
export type ParquetColumns = Readonly<Record<string, 'INTEGER' | 'DOUBLE' | 'VARCHAR'>>;

/** A row, in the order of the columns; null where there is no value. */
export type ParquetRow = readonly (string | number | null)[];

/**
 * Writes a table as a Parquet file, in the order of the rows.
 * @param path - in a folder that has nothing else and may get other files meanwhile. The file is not whole before
 * the promise is fulfilled.
 * @throws Error if it cannot be written.
 */
export async function writeParquet(
  path: string,
  columns: ParquetColumns,
  rows: Iterable<ParquetRow>,
): Promise<void> {
  const named = Object.entries(columns).map(([name, type]) => `${identifier(name)} ${type}`);
  const kinds = Object.values(columns).map((type) => types[type]);
  const db = await DuckDb.open({ directory: dirname(path) });
  try {
    await db.run(`CREATE TABLE made (${named.join(', ')})`);
    const appender = await db.appender('made');
    for (const part of inParts(rows)) {
      const chunk = DuckDBDataChunk.create(kinds, part.length);
      chunk.setRows(part);
      appender.appendDataChunk(chunk);
      // Signals are handled in between.
      await setImmediate();
    }
    appender.closeSync();
    await db.run(`COPY made TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd)`);
  } finally {
    db.close();
  }
}

/**
 * Writes the objects of a file of JSON Lines as a Parquet file, in their order. Memory does not grow with the lines.
 * @param columns - by name, DuckDB's types, such as `STRUCT(id VARCHAR)[]`; other fields are left out.
 * @param path - as of `writeParquet`, and `lines` in the same folder.
 */
export async function linesToParquet(
  lines: string,
  path: string,
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  const types = Object.entries(columns).map(([name, type]) => `${quote(name)}: ${quote(type)}`);
  const options = `format = 'newline_delimited', columns = {${types.join(', ')}}`;
  const db = await DuckDb.open({ directory: dirname(path), memoryLimit: MEMORY });
  try {
    await db.run(
      `COPY (FROM read_json(${quote(lines)}, ${options})) TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${LINES_AT_ONCE})`,
    );
  } finally {
    db.close();
  }
}

const MEMORY = '128MB';
/** A thread holds those of a row group, 20 MB for lists of 20. */
const LINES_AT_ONCE = 16_384;

function* inParts(rows: Iterable<ParquetRow>): Generator<ParquetRow[]> {
  let part: ParquetRow[] = [];
  for (const row of rows) {
    part.push(row);
    if (part.length < MAX_CHUNK_ROWS) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
