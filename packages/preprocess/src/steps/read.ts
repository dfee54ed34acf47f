import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import { type DuckDb, quote } from '../backends/duckdb.ts';
import { failureOf } from '../backends/failure.ts';
import { type BadRow, badRowError } from '../bad-rows.ts';
import { copyClean } from '../clean-copy.ts';
import type { InputFile } from '../input-file.ts';
import type { CheckedOptions } from '../options.ts';

/** The columns that the options name, in the order of table `raw`; the first holds the session or the user. */
export interface ColumnNames {
  readonly session: string;
  readonly item: string;
  readonly time: string;
  readonly event: string | undefined;
}

/** Which rows of table `raw` came from which file. */
export interface LoadedFile {
  readonly input: InputFile;
  readonly isTest: boolean;
  /** Of table `raw`. */
  readonly firstRow: number;
  readonly rows: number;
}

/** The columns that the options name. */
export function columnNames(options: CheckedOptions): ColumnNames {
  const { userColumn, sessionColumn: session, itemColumn: item, timeColumn: time, eventColumn } = options;
  return { session: userColumn ?? session, item, time, event: eventColumn };
}

/**
 * Makes the empty table that all files are read into. Everything is text, so that ids stay exact. Its rowid counts
 * from 0 in the order of the files and of their rows: DuckDB keeps that order.
 */
export async function createRawTable(db: DuckDb): Promise<void> {
  // `record`: of JSON Lines with several events a line, the line that an event came from.
  await db.run(
    'CREATE TABLE raw (session VARCHAR, item VARCHAR, "time" VARCHAR, event VARCHAR, record BIGINT)',
  );
}

/**
 * Appends a file to table `raw`. DuckDB reads it by its strict rules; a file that it refuses is read again by ours,
 * which find every bad row and its line, and DuckDB reads the clean copy.
 *
 * @returns the bad rows.
 * @throws DataError at a missing column, at a file DuckDB cannot read, and at the first bad row if none is allowed.
 */
export async function loadFile(
  db: DuckDb,
  input: InputFile,
  options: CheckedOptions,
  scratch: string,
): Promise<BadRow[]> {
  const columns = columnNames(options);
  if (input.format === 'parquet') {
    await loadParquet(db, input, columns);
    return [];
  }
  const load = input.format === 'jsonl' ? loadJson : loadDelimited;
  if (input.format !== 'jsonl') checkColumns(input, input.header, columns);
  try {
    await load(db, input, columns, options);
    return [];
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const badRows: BadRow[] = [];
    const clean = await copyClean(input, join(scratch, 'clean'), (row) => {
      if (options.onBadRow === 'fail') throw badRowError(row);
      badRows.push(row);
    });
    await load(db, clean, columns, options).catch((cause: unknown) => {
      throw isRefusal(cause) ? unreadable(input, cause) : cause;
    });
    return badRows;
  }
}

function unreadable(input: InputFile, cause: Error): DataError {
  const [line = ''] = cause.message.split('\n');
  const message = `prepare: "input" expected a sound ${input.format} file, got a damaged one (${line}), at ${input.file}.`;
  return new DataError(message, { file: input.file, cause });
}

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /^Invalid Input Error/.test(error.message);
}

async function loadDelimited(db: DuckDb, input: InputFile, columns: ColumnNames): Promise<void> {
  const { session, item, time, event } = columns;
  const at = (name: string) => `c${input.header.indexOf(name)}`;
  const types = input.header.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
  await db.run(`
    INSERT INTO raw
    SELECT ${at(session)}, ${at(item)}, ${at(time)}, ${event === undefined ? 'NULL' : at(event)}, NULL
    FROM read_csv(${fileName(input.path)}, auto_detect = false, header = true, compression = 'none',
      delim = ${quote(input.delimiter)}, quote = '"', escape = '"', columns = {${types}})`);
}

async function loadJson(
  db: DuckDb,
  input: InputFile,
  columns: ColumnNames,
  options: CheckedOptions,
): Promise<void> {
  await db.run(`
    CREATE OR REPLACE TABLE lines AS
    SELECT json FROM read_ndjson_objects(${fileName(input.path)}, compression = 'uncompressed')`);
  await checkKeys(db, input, columns, options);
  await db.run(
    options.eventsField === undefined ? flatEvents(columns) : nestedEvents(columns, options.eventsField),
  );
  await db.run('DROP TABLE lines');
}

function flatEvents({ session, item, time, event }: ColumnNames): string {
  const keys = [session, item, time, ...(event === undefined ? [] : [event])];
  return `
    INSERT INTO raw
    SELECT ${keys.map((_, index) => scalar(index + 1)).join(', ')}${event === undefined ? ', NULL' : ''}, NULL
    FROM (SELECT ${valuesAndTypes('json', keys)} FROM lines ORDER BY rowid)`;
}

function nestedEvents({ session, item, time, event }: ColumnNames, eventsField: string): string {
  const keys = [item, time, ...(event === undefined ? [] : [event])];
  const list = pointer(eventsField);
  return `
    INSERT INTO raw
    SELECT session, ${keys.map((_, index) => scalar(index + 1)).join(', ')}${event === undefined ? ', NULL' : ''}, record
    FROM (
      SELECT session, record, ${valuesAndTypes('entry', keys)}
      FROM (
        SELECT rowid AS record, json_extract_string(json, ${quote(pointer(session))}) AS session,
          unnest(CASE WHEN json_array_length(json, ${quote(list)}) > 0
            THEN CAST(json_extract(json, ${quote(list)}) AS JSON[]) ELSE [CAST(NULL AS JSON)] END) AS entry
        FROM lines ORDER BY rowid))`;
}

/** Lists of the values as text, digits kept, and of their JSON types. */
function valuesAndTypes(json: string, keys: readonly string[]): string {
  const pointers = `[${keys.map((key) => quote(pointer(key))).join(', ')}]`;
  return `json_extract_string(${json}, ${pointers}) AS v, json_type(${json}, ${pointers}) AS t`;
}

/** A value that is no object or list. */
function scalar(index: number): string {
  return `CASE WHEN t[${index}] IN ('OBJECT', 'ARRAY') THEN NULL ELSE NULLIF(v[${index}], '') END`;
}

function pointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A key that no line has is a missing column, not a bad row in every line. */
async function checkKeys(
  db: DuckDb,
  input: InputFile,
  columns: ColumnNames,
  { eventsField }: CheckedOptions,
): Promise<void> {
  const nested = ([columns.item, columns.time, columns.event] as (string | undefined)[]).filter(
    (name) => name !== undefined,
  );
  const top = eventsField === undefined ? [columns.session, ...nested] : [columns.session, eventsField];
  await checkKeysOf(db, input, top, 'json');
  if (eventsField === undefined) return;
  await checkKeysOf(db, input, nested, `json_extract(json, ${quote(`${pointer(eventsField)}/0`)})`);
}

async function checkKeysOf(
  db: DuckDb,
  input: InputFile,
  keys: readonly string[],
  json: string,
): Promise<void> {
  const counts = keys.map(
    (key, index) => `count(json_extract(${json}, ${quote(pointer(key))})) AS k${index}`,
  );
  const found = await db.numbers(`SELECT count(*) AS lines, ${counts.join(', ')} FROM lines`);
  if (found['lines'] === 0) return;
  const missing = keys.filter((_, index) => found[`k${index}`] === 0);
  if (missing.length === 0) return;
  const [row] = await db.rows(
    `SELECT to_json(json_keys(${json})) AS keys FROM lines WHERE json_type(${json}) = 'OBJECT' LIMIT 1`,
  );
  throw missingColumns(input, missing, JSON.parse(String(row?.['keys'] ?? '[]')));
}

async function loadParquet(db: DuckDb, input: InputFile, columns: ColumnNames): Promise<void> {
  const source = `read_parquet(${fileName(input.path)}, binary_as_string = true)`;
  try {
    const schema = await db.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`);
    const types = new Map(schema.map((row) => [String(row['column_name']), String(row['column_type'])]));
    checkColumns(input, [...types.keys()], columns);
    const text = (name: string) => `NULLIF(CAST(${identifier(name)} AS VARCHAR), '')`;
    const { session, item, time, event } = columns;
    const timeText = /^(TIMESTAMP|DATE)/.test(types.get(time) ?? '')
      ? `CAST(make_timestamp(epoch_us(${identifier(time)})) AS VARCHAR)`
      : text(time);
    await db.run(`
      INSERT INTO raw
      SELECT ${text(session)}, ${text(item)}, ${timeText}, ${event === undefined ? 'NULL' : text(event)}, NULL
      FROM ${source}`);
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof DataError || failureOf(cause, '') !== cause)
      throw cause;
    throw unreadable(input, cause);
  }
}

function checkColumns(input: InputFile, found: readonly string[], columns: ColumnNames): void {
  const wanted = [columns.session, columns.item, columns.time, columns.event];
  const missing = wanted.filter((name) => name !== undefined && !found.includes(name)) as string[];
  if (missing.length > 0) throw missingColumns(input, missing, found);
  const twice = wanted.find((name) => found.filter((other) => other === name).length > 1);
  if (twice === undefined) return;
  throw new DataError(
    `prepare: column "${twice}" expected once in the header, got it twice, at ${input.file}:1. Rename one of them.`,
    { file: input.file, row: 1, column: twice },
  );
}

function missingColumns(input: InputFile, missing: readonly string[], found: readonly string[]): DataError {
  const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ');
  const message =
    `prepare: column ${quoted(missing)} expected among the columns, got ${quoted(found.filter((name) => name !== '')) || 'none'}, at ${input.file}:1. ` +
    'Name the columns with --session-column or --user-column, --item-column, --time-column, --event-column.';
  return new DataError(message, { file: input.file, row: 1, column: missing[0] });
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A file's name as DuckDB takes it, which reads `*`, `?` and `[` as patterns. */
function fileName(path: string): string {
  return quote(path.replace(/[*?[]/g, '[$&]'));
}
