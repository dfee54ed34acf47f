import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import type { CheckedOptions, InputFormat } from '../options.ts';
import { type LineKeys, lineKeys } from './columns.ts';
import { detectFormat } from './detect-format.ts';
import { parseHeader } from './records.ts';
import { unpack } from './unpack.ts';

/** A file of events, unpacked and with its format detected. */
export interface InputFile {
  /** The caller's path, for messages. */
  readonly file: string;
  /** The file itself, or its copy unpacked from gzip. */
  readonly path: string;
  readonly format: InputFormat;
  /** CSV and TSV only. */
  readonly delimiter: string;
  /** The first line; CSV and TSV only. */
  readonly header: readonly string[];
  /** JSON Lines only. */
  readonly keys: LineKeys;
  /** Whether it is a copy that contains only sound records. */
  readonly isClean: boolean;
}

const HEAD_BYTES = 1 << 20;
/** Maximum number of columns. The SQL that reads a file names all of them; a million would take minutes and gigabytes. */
export const MAX_COLUMNS = 10_000;

/**
 * Opens a file: unpacks gzip into `scratch`, and detects format and header.
 *
 * @throws DataError if it is empty, damaged or of an unknown format, or its first line is not a header.
 */
export async function openInput(file: string, scratch: string, options: CheckedOptions): Promise<InputFile> {
  const path = (await isGzip(file)) ? await unpackInto(scratch, file, options.maxUnpackedBytes) : file;
  const head = withoutMark(await readHead(path, HEAD_BYTES));
  if (head.length === 0) {
    throw new DataError(`prepare: "input" expected events, got an empty file, at ${file}.`, { file });
  }
  const format = options.format ?? detectFormat(head, file);
  const input = { file, path, format, delimiter: '', header: [], keys: lineKeys(options), isClean: false };
  if (format !== 'csv' && format !== 'tsv') return input;
  const line = firstLine(head, file);
  return { ...input, ...readHeader(line, format, file) };
}

async function isGzip(file: string): Promise<boolean> {
  const head = await readHead(file, 2);
  return head[0] === 0x1f && head[1] === 0x8b;
}

async function unpackInto(scratch: string, file: string, maxBytes: number | undefined): Promise<string> {
  const path = join(scratch, 'unpacked');
  await unpack(file, path, maxBytes);
  if (!(await isGzip(path))) return path;
  const message = `prepare: "input" expected a file in gzip once, got gzip within gzip, at ${file}. Unpack it.`;
  throw new DataError(message, { file });
}

async function readHead(path: string, bytes: number): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    const message = `prepare: "input" expected a readable file, got ${(cause as Error).message}, at ${path}.`;
    throw new DataError(message, { file: path, cause });
  } finally {
    await handle?.close();
  }
}

function withoutMark(head: Buffer): Buffer {
  return head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? head.subarray(3) : head;
}

/** The bytes of the first line without its line end. */
function firstLine(head: Buffer, file: string): Buffer {
  const found = head.indexOf(10);
  const end = found === -1 ? head.length : found;
  if (end >= HEAD_BYTES - 3) throw badHeader(file, 'a line of more than 1 MiB');
  return head.subarray(0, head[end - 1] === 13 ? end - 1 : end);
}

/**
 * Reads the column names of CSV or TSV, and detects the delimiter of CSV by them.
 *
 * @param line - without its line end.
 * @throws DataError if it is not a header.
 */
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
