import { stat } from 'node:fs/promises';
import type { ColumnNames } from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import type { PlainLog } from '../../input/plain/plain-log.ts';
import { bigIntegersOf, doublesOf } from './chunk-values.ts';
import type { DuckDb } from './duckdb.ts';
import { asUnreadable } from './read.ts';
import { isInteger, openParquet, type ParquetFile } from './read-parquet.ts';
import { identifier } from './sql-names.ts';

/**
 * Adds a Parquet file to a log.
 *
 * @returns whether it is plain; if not, the log has no further use.
 * @throws DataError as `openParquet`, and if DuckDB cannot read the file.
 */
export async function addParquet(
  db: DuckDb,
  log: PlainLog,
  input: InputFile,
  columns: ColumnNames,
): Promise<boolean> {
  try {
    const parquet = await openParquet(db, input, columns);
    const wanted = [columns.session, columns.item, columns.time];
    if (!wanted.every((name) => isInteger(parquet.types, name))) return false;
    const { size } = await stat(input.path);
    return await addRows(db, log, { query: selectRows(parquet, columns), bytesPerRow: size / parquet.rows });
  } catch (error) {
    throw asUnreadable(input, error);
  }
}

/** SQL: rows of integers. A row with an empty value has a time that no plain log has. */
function selectRows({ source }: ParquetFile, columns: ColumnNames): string {
  const [session, item, time] = [columns.session, columns.item, columns.time].map(identifier);
  const isEmpty = `${session} IS NULL OR ${item} IS NULL OR ${time} IS NULL`;
  return `
    SELECT CAST(${session} AS BIGINT), CAST(${item} AS BIGINT),
      CASE WHEN ${isEmpty} THEN -1 ELSE CAST(${time} AS DOUBLE) END
    FROM ${source}`;
}

async function addRows(
  db: DuckDb,
  log: PlainLog,
  { query, bytesPerRow }: { readonly query: string; readonly bytesPerRow: number },
): Promise<boolean> {
  for await (const chunk of db.chunks(query)) {
    const times = doublesOf(chunk, 2);
    const rows = { sessions: bigIntegersOf(chunk, 0), items: bigIntegersOf(chunk, 1), times };
    if (!(await log.take(rows, bytesPerRow * times.length))) return false;
  }
  return true;
}
