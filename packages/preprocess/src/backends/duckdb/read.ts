import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { shorten } from '@gru4rec/checks';
import { DataError } from '@gru4rec/dataset';
import { ArrowError } from '@gru4rec/dataset/arrow';
import { type BadRow, type BadRowList, badRowError } from '../../bad-rows.ts';
import { badInput } from '../../input/bad-input.ts';
import { type ColumnNames, checkColumns, columnNames, contextText } from '../../input/columns.ts';
import { isNoClick } from '../../input/event-log.ts';
import type { InputFile } from '../../input/input-file.ts';
import { MAX_RECORD_BYTES, parseRecord, readRecords, type TextRecord } from '../../input/records.ts';
import type { CheckedOptions } from '../../options.ts';
import type { LoadedFile } from '../backend.ts';
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
 * A file that DuckDB refuses, or would read differently, is read by our reader, which finds all bad rows, and DuckDB reads a
 * clean copy.
 * @returns whether the time column has a timestamp or date type.
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
function asUnreadable(input: InputFile, error: unknown): unknown {
  if (!isRefusal(error)) return error;
  const [line = ''] = error.message.split('\n');
  // The message of DuckDB contains the invalid bytes.
  const reason = line
    .slice(0, 300)
    .replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
  return badInput(input.file, `a sound ${input.format} file`, `a damaged one (${reason})`, { cause: error });
}

/** Whether the file is at fault, not the machine. DuckDB's messages start with their kind. */
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
 * Whether DuckDB reads a file by our rules. It checks only columns that it reads, accepts NUL, and ends lines at a carriage
 * return.
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

export function loadedFile(
  input: InputFile,
  loaded: Pick<LoadedFile, 'isTest' | 'firstRow' | 'endRow' | 'hasTimestamps'>,
): LoadedFile {
  const { firstRow, endRow } = loaded;
  return {
    ...loaded,
    file: input.file,
    format: input.format,
    rows: endRow - firstRow,
    locate: (rows) =>
      locateRows(
        input,
        rows.map(({ pos, record }) => record ?? pos - firstRow),
      ),
  };
}

/** @param ordinals - indices from 0, ascending, without header and blank lines. */
async function locateRows(input: InputFile, ordinals: readonly number[]): Promise<number[]> {
  if (input.format === 'parquet' || input.format === 'arrow') return ordinals.map((ordinal) => ordinal + 1);
  const lines: number[] = [];
  let ordinal = input.format === 'jsonl' ? 0 : -1;
  for await (const records of readRecords(input.path, input.delimiter)) {
    for (const record of records) {
      // DuckDB counts neither empty lines nor, in JSON Lines, lines of only blanks.
      if ((input.format === 'jsonl' && isBlankLine(record.bytes)) || !isSound(input, record)) continue;
      while (ordinals[lines.length] === ordinal) lines.push(record.line);
      if (lines.length === ordinals.length) return lines;
      ordinal++;
    }
  }
  return lines;
}

/** Maximum bytes of 101 characters. */
const SHOWN_BYTES = 404;

/**
 * Copies the valid records in a form that DuckDB reads without errors.
 * @returns the input with the path of the copy and commas as delimiter.
 */
export async function copyClean(
  input: InputFile,
  path: string,
  onBadRow: (row: BadRow) => void,
): Promise<InputFile> {
  await pipeline(Readable.from(cleanRecords(input, onBadRow)), createWriteStream(path, { flags: 'wx' }));
  return { ...input, path, delimiter: input.format === 'jsonl' ? '' : ',', isClean: true };
}

async function* cleanRecords(input: InputFile, onBadRow: (row: BadRow) => void): AsyncGenerator<string> {
  for await (const records of readRecords(input.path, input.delimiter)) {
    const sound = records.map((record) => {
      const parsed = check(input, record);
      if ('text' in parsed) return `${parsed.text}\n`;
      // Copies only the shown part: a substring would keep the whole string in memory.
      const value = shorten(record.bytes.subarray(0, SHOWN_BYTES).toString('utf8'));
      onBadRow({ file: input.file, row: record.line, column: '', value, expected: parsed.expected });
      return '';
    });
    yield sound.join('');
  }
}

/** Also used to map rows of the copy to lines of the original. */
function isSound(input: InputFile, record: TextRecord): boolean {
  return 'text' in check(input, record);
}

function isBlankLine(bytes: Buffer): boolean {
  return (
    bytes.every((byte) => byte === 32 || byte === 9 || byte === 13) ||
    (bytes.length < 200 && isNoClick.test(bytes.toString('latin1')))
  );
}

function check(input: InputFile, record: TextRecord): { text: string } | { expected: string } {
  return input.format === 'jsonl' ? checkJson(record) : checkDelimited(input, record);
}

function checkJson(record: TextRecord): { text: string } | { expected: string } {
  if (record.fault !== undefined) return { expected: `one JSON object, found ${record.fault}` };
  if (!isUtf8(record.bytes)) return { expected: 'UTF-8 text' };
  if (isBlankLine(record.bytes)) return { text: '' };
  const text = record.bytes.toString('utf8');
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { expected: 'one JSON object' };
  }
  if (text.includes('\\') && hasHalfCharacter(value)) {
    return { expected: 'one JSON object, found half of a surrogate pair' };
  }
  return { text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a string in it has an unpaired surrogate, which UTF-8 cannot encode. JSON.stringify escapes only those. */
function hasHalfCharacter(value: unknown): boolean {
  try {
    return /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(value));
  } catch {
    // Nested too deep for JSON.stringify: DuckDB decides.
    return false;
  }
}

function checkDelimited(input: InputFile, record: TextRecord): { text: string } | { expected: string } {
  const columns = input.header.length;
  const { fields, problem } = parseRecord(record, input.delimiter, columns);
  if (problem !== undefined) return { expected: `${columns} columns in UTF-8, found ${problem}` };
  return { text: fields.slice(0, columns).map(csvField).join(',') };
}

function csvField(field: string | null): string {
  return field === null ? '' : `"${field.replaceAll('"', '""')}"`;
}
