import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '@gru4rec/dataset';
import type { CheckedOptions, InputFormat } from '../options.ts';
import { badInput } from './bad-input.ts';
import { type LineKeys, lineKeys } from './columns.ts';
import { parseHeader } from './records.ts';

/** Unpacked, with its format detected. */
export interface InputFile {
  readonly file: string;
  readonly path: string;
  readonly format: InputFormat;
  readonly delimiter: string;
  /** The first line; CSV and TSV only. */
  readonly header: readonly string[];
  /** JSON Lines only. */
  readonly keys: LineKeys;
  readonly isClean: boolean;
}

const HEAD_BYTES = 1 << 20;
/** The SQL that reads a file names all columns; a million would take minutes and gigabytes. */
export const MAX_COLUMNS = 10_000;

export async function openInput(file: string, scratch: string, options: CheckedOptions): Promise<InputFile> {
  const path = isGzip(await readHead(file, 2)) ? await unpack(file, join(scratch, 'unpacked')) : file;
  const head = withoutMark(await readHead(path, HEAD_BYTES));
  if (head.length === 0) {
    throw badInput(file, 'events', 'an empty file');
  }
  const format = options.format ?? detectFormat(head, file);
  const input = { file, path, format, delimiter: '', header: [], keys: lineKeys(options), isClean: false };
  if (format !== 'csv' && format !== 'tsv') return input;
  const line = firstLine(head, file);
  return { ...input, ...readHeader(line, format, file) };
}

export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

export async function readHead(path: string, bytes: number): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw badInput(path, 'a readable file', (cause as Error).message, { cause });
  } finally {
    await handle?.close();
  }
}

function withoutMark(head: Buffer): Buffer {
  return head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? head.subarray(3) : head;
}

function firstLine(head: Buffer, file: string): Buffer {
  const lineEnd = head.indexOf(10);
  const end = lineEnd === -1 ? head.length : lineEnd;
  if (end >= HEAD_BYTES - 3) throw badHeader(file, 'a line of more than 1 MiB');
  return head.subarray(0, head[end - 1] === 13 ? end - 1 : end);
}

function readHeader(
  line: Buffer,
  format: 'csv' | 'tsv',
  file: string,
): Pick<InputFile, 'delimiter' | 'header'> {
  const ofCsv = !line.includes(',') && line.includes(';') ? ';' : ',';
  const delimiter = format === 'tsv' ? '\t' : ofCsv;
  const { fields, problem } = parseHeader(line, delimiter);
  if (problem !== undefined) throw badHeader(file, problem);
  if (fields.length > MAX_COLUMNS) throw badHeader(file, `${fields.length} columns (${MAX_COLUMNS} at most)`);
  return { delimiter, header: fields.map((field) => field ?? '') };
}

function badHeader(file: string, got: string): DataError {
  return new DataError(
    `prepare: header expected column names on one line in UTF-8, got ${got}, at ${file}:1. Correct it.`,
    { file, row: 1 },
  );
}

export const PARQUET_MARK = 'PAR1';

function detectFormat(head: Buffer, file: string): InputFormat {
  if (head.subarray(0, 4).toString('latin1') === PARQUET_MARK) return 'parquet';
  if (isArrow(head)) return 'arrow';
  if (head.includes(0)) throw foreign(file, 'binary or UTF-16 content');
  const text = head.toString('utf8').trimStart();
  // CSV and TSV begin with a header. An event log may begin with clicks that were forgotten.
  if (text === '' || text.startsWith('{')) return 'jsonl';
  if (text.startsWith('[')) throw foreign(file, 'a JSON array');
  const [header = ''] = text.split('\n', 1);
  return header.includes('\t') ? 'tsv' : 'csv';
}

/** A file, or a stream, which starts with the prefix of its first message. */
function isArrow(head: Buffer): boolean {
  if (head.subarray(0, 6).toString('latin1') === 'ARROW1') return true;
  return head.length >= 8 && head.readInt32LE(0) === -1 && head.readInt32LE(4) > 0;
}

function foreign(file: string, kind: string): DataError {
  return badInput(file, 'CSV, TSV, JSON Lines (one object a line), Parquet or Arrow', kind);
}

/** One or more members. DuckDB (1.5.6) would read a truncated file without an error. @returns `path`. */
async function unpack(file: string, path: string): Promise<string> {
  const { size } = await stat(file);
  const gunzip = createGunzip();
  try {
    await pipeline(createReadStream(file), gunzip, createWriteStream(path, { flags: 'wx' }));
  } catch (cause) {
    const problem = problemOf(cause);
    if (problem === undefined) throw cause;
    throw damaged(file, problem, cause);
  }
  if (gunzip.bytesWritten !== size) throw damaged(file, AFTER_END);
  return path;
}

const AFTER_END = 'bytes after its end';

function problemOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error && 'code' in cause)) return undefined;
  // Node's stream ends before its input does.
  if (cause.code === 'ERR_STREAM_PREMATURE_CLOSE') return AFTER_END;
  return String(cause.code).startsWith('Z_') ? cause.message : undefined;
}

function damaged(file: string, problem: string, cause?: unknown): DataError {
  return badInput(file, 'a whole gzip file', `a damaged one (${problem})`, { cause });
}
