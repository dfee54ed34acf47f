import { join } from 'node:path';
import { ArrowError } from '@gru4rec/arrow-ipc';
import { DataError } from '@gru4rec/sessions';
import { type BadRowList, badRowError } from '../../bad-rows.ts';
import { contextText } from '../../events/contexts.ts';
import { checkColumns } from '../../input/check-columns.ts';
import { type ColumnNames, columnNames } from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import { MAX_RECORD_BYTES } from '../../input/records.ts';
import type { CheckedOptions } from '../../options.ts';
import type { LoadedFile } from '../backend.ts';
import { copyClean } from './clean-copy.ts';
import { type DuckDb, quote } from './duckdb.ts';
import { failureOf } from './failure.ts';
import { isPlainText } from './is-plain-text.ts';
import type { RawTable } from './raw-table.ts';
import { loadArrow } from './read-arrow.ts';
import { loadJson } from './read-json.ts';
import { loadParquet } from './read-parquet.ts';
import { fileName } from './sql-names.ts';

/** Arguments of `loadFile` besides the file. */
export interface Loading {
  readonly options: CheckedOptions;
  /** Folder for a copy. */
  readonly scratch: string;
  readonly raw: RawTable;
  /** Bad rows are added to it. */
  readonly badRows: BadRowList;
}

/** The type of the time column of a file. */
export type LoadedTimes = Pick<LoadedFile, 'hasTimestamps'>;

/**
 * Appends a file to table `raw`. DuckDB reads it with strict rules. If DuckDB refuses the file, or would read it differently
 * from our rules, our reader finds all bad rows and their lines, and DuckDB reads a clean copy.
 *
 * @throws DataError if a column is missing, if DuckDB cannot read the file, and at the first bad row with
 *   `onBadRow: 'fail'`.
 */
export async function loadFile(
  db: DuckDb,
  input: InputFile,
  { options, scratch, raw, badRows }: Loading,
): Promise<LoadedTimes> {
  const columns = columnNames(options);
  if (isDelimited(input)) checkColumns(input, input.header, columns);
  const loaded = await loadAsItIs(db, input, columns, raw);
  if (loaded !== undefined) return loaded;
  const clean = await copyClean(input, join(scratch, 'clean'), (row) => {
    if (options.onBadRow === 'fail') throw badRowError(row);
    badRows.add(row);
  });
  return load(db, clean, columns, raw).catch((cause: unknown) => {
    throw asUnreadable(input, cause);
  });
}

/** @returns undefined if DuckDB cannot read the file without a copy. */
async function loadAsItIs(
  db: DuckDb,
  input: InputFile,
  columns: ColumnNames,
  raw: RawTable,
): Promise<LoadedTimes | undefined> {
  if (isDelimited(input) && !(await isPlainText(input.path))) return undefined;
  try {
    return await load(db, input, columns, raw);
  } catch (error) {
    if (!isRefusal(error) || input.format === 'parquet' || input.format === 'arrow')
      throw asUnreadable(input, error);
    return undefined;
  }
}

async function load(db: DuckDb, input: InputFile, columns: ColumnNames, raw: RawTable): Promise<LoadedTimes> {
  if (input.format === 'parquet') return loadParquet(db, input, columns, raw);
  if (input.format === 'arrow') return loadArrow(db, input, columns, raw);
  await (input.format === 'jsonl' ? loadJson(db, input, raw) : loadDelimited(input, columns, raw));
  return { hasTimestamps: false };
}

function isDelimited({ format }: InputFile): boolean {
  return format === 'csv' || format === 'tsv';
}

/** @returns DataError if DuckDB reports an error of the file, otherwise the same error. */
export function asUnreadable(input: InputFile, error: unknown): unknown {
  if (!isRefusal(error)) return error;
  const [line = ''] = error.message.split('\n');
  // The message of DuckDB contains the invalid bytes.
  const reason = line.slice(0, 300).replace(/\p{Cc}/gu, (found) => JSON.stringify(found).slice(1, -1));
  const message = `prepare: "input" expected a sound ${input.format} file, got a damaged one (${reason}), at ${input.file}.`;
  return new DataError(message, { file: input.file, cause: error });
}

/** Whether DuckDB reports an error of the file, not of the machine. Its messages start with their kind. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof ArrowError) return true;
  if (!(error instanceof Error) || error instanceof DataError || failureOf(error, '') !== error) return false;
  return /^[A-Za-z ]+ Error: /.test(error.message);
}

async function loadDelimited(input: InputFile, columns: ColumnNames, raw: RawTable): Promise<void> {
  const { session, item, time, event, context } = columns;
  const at = (name: string) => `c${input.header.indexOf(name)}`;
  const types = input.header.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
  // In a copy all fields are quoted and quotes are doubled. The buffer has DuckDB's default size.
  const lineBytes = input.isClean ? 8 * MAX_RECORD_BYTES : MAX_RECORD_BYTES;
  await raw.append({
    query: `
      SELECT ${at(session)} AS session, ${at(item)} AS item, ${at(time)} AS time_text,
        ${event === undefined ? 'NULL' : at(event)} AS event, NULL AS record,
        ${context.length === 0 ? 'NULL' : contextText(context.map(at))} AS context
      FROM read_csv(${fileName(input.path)}, auto_detect = false, header = true, compression = 'none',
        hive_partitioning = false, max_line_size = ${lineBytes}, buffer_size = ${16 * MAX_RECORD_BYTES},
        delim = ${quote(input.delimiter)}, quote = '"', escape = '"', columns = {${types}})`,
    session: { isInteger: false, careful: 'session' },
    item: { isInteger: false, careful: 'item' },
    time: 'text',
  });
}
