import { BadRowList } from '../../bad-rows.ts';
import { memoryEvents } from '../../events/name-events.ts';
import { type ColumnNames, columnNames } from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import type { PlainLog } from '../../input/plain/plain-log.ts';
import type { CheckedOptions } from '../../options.ts';
import type { LoadedFile, ReadLog } from '../backend.ts';
import type { DuckDb } from './duckdb.ts';
import { naming } from './failure.ts';
import { loadedFile } from './loaded-file.ts';
import { addParquet } from './plain-parquet.ts';
import type { LoadedTimes } from './read.ts';

/**
 * Reads the files of a log that is plain throughout.
 *
 * @returns undefined if it is not.
 * @throws Error naming the file that cannot be read.
 */
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
    const added = await naming(file, addFile(db, log, input, columns));
    if (added === undefined) return undefined;
    const endRow = log.loaded?.length ?? 0;
    files.push(loadedFile(input, { isTest: false, firstRow, endRow, ...added }));
  }
  const { loaded } = log;
  const timeUnit = log.timeUnit ?? (files.every((file) => file.hasTimestamps) ? 'iso' : undefined);
  if (loaded === undefined || timeUnit === undefined) return undefined;
  return { files, badRows: new BadRowList(), timeUnit, rows: [], events: memoryEvents(loaded, {}) };
}

/** @returns undefined if the file is not plain. */
async function addFile(
  db: DuckDb,
  log: PlainLog,
  input: InputFile,
  columns: ColumnNames,
): Promise<LoadedTimes | undefined> {
  if (input.format === 'parquet') return addParquet(db, log, input, columns);
  return (await log.add(input)) ? { hasTimestamps: false } : undefined;
}
