import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { ArrowError } from '@gru4rec/dataset/arrow';
import { type BadRowList, badRowError } from '../../bad-rows.ts';
import { type ColumnNames, checkColumns, columnNames, contextText } from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import { MAX_RECORD_BYTES } from '../../input/records.ts';
import type { CheckedOptions } from '../../options.ts';
import { copyClean } from './clean-copy.ts';
import { type DuckDb, failureOf, fileName, quote } from './duckdb.ts';
import type { RawTable } from './raw-table.ts';
import { loadArrow } from './read-arrow.ts';
import { loadJson } from './read-json.ts';
import { loadParquet } from './read-parquet.ts';

export interface Loading {
  readonly options: CheckedOptions;
  readonly scratch: string;
  readonly raw: RawTable;
  readonly badRows: BadRowList;
}

/**
 * DuckDB reads a file with strict rules. One that it refuses, or would read differently, is read by our reader,
 * which finds all bad rows, and DuckDB reads a clean copy. @returns whether the time column has a timestamp or
 * date type.
 */
export async function loadFile(
  db: DuckDb,
  input: InputFile,
  { options, scratch, raw, badRows }: Loading,
): Promise<boolean> {
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
): Promise<boolean | undefined> {
  if (isDelimited(input) && !(await isPlainText(input.path))) return undefined;
  try {
    return await load(db, input, columns, raw);
  } catch (error) {
    if (!isRefusal(error) || input.format === 'parquet' || input.format === 'arrow')
      throw asUnreadable(input, error);
    return undefined;
  }
}

async function load(db: DuckDb, input: InputFile, columns: ColumnNames, raw: RawTable): Promise<boolean> {
  if (input.format === 'parquet') return loadParquet(db, input, columns, raw);
  if (input.format === 'arrow') return loadArrow(db, input, columns, raw);
  await (input.format === 'jsonl' ? loadJson(db, input, raw) : loadDelimited(input, columns, raw));
  return false;
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

/** Of the file, not of the machine. DuckDB's messages start with their kind. */
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

const CHUNK_BYTES = 1 << 20;
const LF = 10;
const CR = 13;

/**
 * Whether DuckDB reads a file by our rules: UTF-8 without NUL, carriage returns inside lines and lines of 2 MiB
 * (or some of 1 MiB). DuckDB checks only columns that it reads, accepts NUL, and ends lines at a carriage return.
 */
export async function isPlainText(path: string): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const end = wholeEnd(buffer);
    const isLong = chunk.length === CHUNK_BYTES && !buffer.includes(LF);
    if (isLong || !isPlain(buffer.subarray(0, end))) return false;
    rest = buffer.subarray(end);
  }
  return isPlain(rest);
}

function isPlain(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0) && !hasLoneReturn(bytes);
}

function hasLoneReturn(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] !== LF) return true;
  }
  return false;
}

/** A position that divides neither a character, which has at most four bytes, nor CRLF. */
function wholeEnd(buffer: Buffer): number {
  let end = buffer.length;
  while (end > 0 && buffer.length - end < 4 && isPart(buffer[end - 1] ?? 0)) end--;
  return end;
}

function isPart(byte: number): boolean {
  return byte >= 0x80 || byte === CR;
}
