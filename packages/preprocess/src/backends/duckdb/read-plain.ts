import { stat } from 'node:fs/promises';
import { BadRowList } from '../../bad-rows.ts';
import { memoryEvents } from '../../events/memory-events.ts';
import { type ColumnNames, columnNames } from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import type { PlainLog } from '../../input/plain/plain-log.ts';
import type { CheckedOptions } from '../../options.ts';
import type { LoadedFile, ReadLog } from '../backend.ts';
import { arrayOf, numbersOf } from './chunk-values.ts';
import { loadedFile } from './clean-copy.ts';
import { type DuckDb, identifier, naming } from './duckdb.ts';
import { stampMs } from './duckdb-time.ts';
import { asUnreadable } from './read.ts';
import { isInteger, isTimestamp, openParquet, type ParquetFile } from './read-parquet.ts';

/** @returns undefined if the log is not plain throughout. */
export async function readPlain(
  db: DuckDb,
  log: PlainLog,
  options: CheckedOptions,
  open: (file: string, index: number) => Promise<InputFile>,
): Promise<ReadLog | undefined> {
  const columns = columnNames(options);
  const files: LoadedFile[] = [];
  for (const [index, file] of options.inputs.entries()) {
    const input = await open(file, index);
    const firstRow = files.at(-1)?.endRow ?? 0;
    const hasTimestamps = await naming(file, addFile(db, log, input, columns));
    if (hasTimestamps === undefined) return undefined;
    const endRow = log.loaded?.length ?? 0;
    files.push(loadedFile(input, { isTest: false, firstRow, endRow, hasTimestamps }));
  }
  const { loaded } = log;
  const timeUnit = log.timeUnit ?? (files.every((file) => file.hasTimestamps) ? 'iso' : undefined);
  if (loaded === undefined || timeUnit === undefined) return undefined;
  return { files, badRows: new BadRowList(), timeUnit, rows: [], events: memoryEvents(loaded, {}) };
}

/** @returns whether the file has timestamps; undefined if it is not plain: then the log has no further use. */
export async function addFile(
  db: DuckDb,
  log: PlainLog,
  input: InputFile,
  columns: ColumnNames,
): Promise<boolean | undefined> {
  if (input.format !== 'parquet') return (await log.add(input)) ? false : undefined;
  try {
    const parquet = await openParquet(db, input, columns);
    const hasTimestamps = isTimestamp(parquet.types.get(columns.time));
    const integers = [columns.session, columns.item, ...(hasTimestamps ? [] : [columns.time])];
    if (!integers.every((name) => isInteger(parquet.types, name))) return undefined;
    const { size } = await stat(input.path);
    const query = selectRows(parquet, columns, hasTimestamps);
    const isPlain = await addRows(db, log, { query, hasTimestamps, bytesPerRow: size / parquet.rows });
    return isPlain ? hasTimestamps : undefined;
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
