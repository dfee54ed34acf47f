import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBDataChunk, type DuckDBIntegerVector, INTEGER } from '@duckdb/node-api';
import { replaceFolder } from '@gru4rec/durable-files';
import { type ShopLogOptions, type ShopLogRows, shopLogBatches } from '@gru4rec/synthetic';
import { UsageError } from '../command-line.ts';
import { quoted, withConfinedDuckDb } from '../confined-duckdb.ts';

/** The log to write, and the size of its parts. */
export interface LogPartsOptions extends ShopLogOptions {
  /** Rows per file, fewer in the last. Default: a million; at most ten million. */
  readonly rowsPerPart?: number;
  /** Checked between parts. */
  readonly signal?: AbortSignal;
  /** Called after every part with the number of rows so far. */
  readonly onPart?: (rows: number) => void;
}

const ROWS_PER_PART = 1_000_000;
const MOST_ROWS_PER_PART = 10_000_000;
const CHUNK_ROWS = 2048;
const columns = ['session', 'item', 'second'] as const;

/**
 * Writes a seeded shop log as Parquet files `part-00000.parquet`, …. Read in order of their names, their rows are in
 * order of time. Columns SessionId, ItemId and Time (seconds since 1970) are int64. Memory holds one part, the
 * catalogue and the open visits, whatever the length of the log.
 *
 * The folder is complete or absent.
 *
 * @returns the number of files.
 * @throws UsageError if the folder exists and is not empty, or a size is out of range; the reason of the signal if it
 *   aborts.
 */
export async function writeLogParts(folder: string, options: LogPartsOptions): Promise<number> {
  const { rowsPerPart = ROWS_PER_PART } = options;
  if (!Number.isInteger(rowsPerPart) || rowsPerPart < 1 || rowsPerPart > MOST_ROWS_PER_PART) {
    throw new UsageError(
      `generate: "rows-per-part" expected integer in [1, ${MOST_ROWS_PER_PART}], got ${rowsPerPart}`,
    );
  }
  const log = { ...options, rowsPerPart };
  return replaceFolder(folder, { check: () => checkFree(folder) }, (whole) => fill(whole, log));
}

async function checkFree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const names = await readdir(folder).catch(() => undefined);
  if (names?.length === 0) return;
  const found = names === undefined ? 'a file' : 'a folder with files';
  throw new UsageError(`generate: "output" expected a new folder, got ${found}, at ${folder}`);
}

function fill(
  folder: string,
  { rowsPerPart, signal, onPart, ...log }: LogPartsOptions & { readonly rowsPerPart: number },
): Promise<number> {
  const fillParts = async (connection: DuckDBConnection): Promise<number> => {
    let [parts, rows] = [0, 0];
    for (const batch of shopLogBatches({ ...log, batchRows: rowsPerPart })) {
      signal?.throwIfAborted();
      await writePart(connection, batch, join(folder, `part-${String(parts).padStart(5, '0')}.parquet`));
      parts++;
      rows += batch.times.length;
      onPart?.(rows);
    }
    return parts;
  };
  return withConfinedDuckDb([folder], fillParts, { threads: '1' });
}

async function writePart(connection: DuckDBConnection, rows: ShopLogRows, file: string): Promise<void> {
  // All three columns fit in 32 bits, which JavaScript passes without an object per value.
  const integers = columns.map((name) => `${name} INTEGER`).join(', ');
  await connection.run(`CREATE OR REPLACE TABLE part (${integers})`);
  const appender = await connection.createAppender('part');
  for (let start = 0; start < rows.times.length; start += CHUNK_ROWS) {
    appender.appendDataChunk(chunkOf(rows, start));
  }
  appender.closeSync();
  await connection.run(`
    COPY (SELECT session::BIGINT AS SessionId, item::BIGINT AS ItemId, second::BIGINT AS Time FROM part)
    TO ${quoted(file)} (FORMAT parquet)`);
}

function chunkOf({ sessionIds, itemIds, times }: ShopLogRows, start: number): DuckDBDataChunk {
  const count = Math.min(CHUNK_ROWS, times.length - start);
  const chunk = DuckDBDataChunk.create([INTEGER, INTEGER, INTEGER], count);
  for (const [column, values] of [sessionIds, itemIds, times].entries()) {
    const vector = chunk.getColumnVector(column) as DuckDBIntegerVector;
    for (let row = 0; row < count; row++) vector.setItem(row, values[start + row] ?? 0);
    vector.flush();
  }
  return chunk;
}
