import { stat } from 'node:fs/promises';
import type { ColumnNames } from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import type { PlainLog } from '../../input/plain/plain-log.ts';
import { arrayOf, numbersOf } from './chunk-values.ts';
import type { DuckDb } from './duckdb.ts';
import { stampMs } from './duckdb-time.ts';
import { asUnreadable, type LoadedTimes } from './read.ts';
import { isInteger, isTimestamp, openParquet, type ParquetFile } from './read-parquet.ts';
import { identifier } from './sql-names.ts';

/**
 * Adds a Parquet file to a log.
 *
 * @returns undefined if it is not plain; then the log has no further use.
 * @throws DataError as `openParquet`, and if DuckDB cannot read the file.
 */
export async function addParquet(
  db: DuckDb,
  log: PlainLog,
  input: InputFile,
  columns: ColumnNames,
): Promise<LoadedTimes | undefined> {
  try {
    const parquet = await openParquet(db, input, columns);
    const hasTimestamps = isTimestamp(parquet.types.get(columns.time));
    const integers = [columns.session, columns.item, ...(hasTimestamps ? [] : [columns.time])];
    if (!integers.every((name) => isInteger(parquet.types, name))) return undefined;
    const { size } = await stat(input.path);
    const query = selectRows(parquet, columns, hasTimestamps);
    const isPlain = await addRows(db, log, { query, hasTimestamps, bytesPerRow: size / parquet.rows });
    return isPlain ? { hasTimestamps } : undefined;
  } catch (error) {
    throw asUnreadable(input, error);
  }
}

/** SQL: rows of integers. A row with an empty value or an infinite timestamp has an infinite time. */
function selectRows({ source }: ParquetFile, columns: ColumnNames, hasTimestamps: boolean): string {
  const [session, item] = [identifier(columns.session), identifier(columns.item)];
  const time = hasTimestamps ? stampMs(identifier(columns.time)) : identifier(columns.time);
  return `
    SELECT CAST(${session} AS BIGINT), CAST(${item} AS BIGINT),
      coalesce(
        CASE WHEN ${session} IS NOT NULL AND ${item} IS NOT NULL THEN CAST(${time} AS DOUBLE) END,
        CAST('infinity' AS DOUBLE))
    FROM ${source}`;
}

async function addRows(
  db: DuckDb,
  log: PlainLog,
  rows: { readonly query: string; readonly hasTimestamps: boolean; readonly bytesPerRow: number },
): Promise<boolean> {
  const { query, hasTimestamps, bytesPerRow } = rows;
  for await (const chunk of db.chunks(query)) {
    const times = arrayOf(chunk, 2, Float64Array);
    const taken = { sessions: numbersOf(chunk, 0), items: numbersOf(chunk, 1), times, hasTimestamps };
    if (!(await log.take(taken, bytesPerRow * times.length))) return false;
  }
  return true;
}
