import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '@gru4rec/sessions';
import { detectFormat } from './detect-format.ts';
import type { InputFormat } from './options.ts';
import { splitFields } from './records.ts';

/** A file of events, ready to be read. */
export interface InputFile {
  /** As the caller gave it. */
  readonly file: string;
  /** Where its plain content lies: the file itself, or what gzip held. */
  readonly path: string;
  readonly format: InputFormat;
  /** Of CSV and TSV. */
  readonly delimiter: string;
  /** Of CSV and TSV: the first line. */
  readonly header: readonly string[];
}

const HEAD_BYTES = 1 << 20;

/**
 * Looks at a file's content: unpacks gzip into `scratch`, finds the format and the header.
 *
 * @throws DataError if it is empty, damaged or of no known format.
 */
export async function openInput(
  file: string,
  scratch: string,
  format: InputFormat | undefined,
): Promise<InputFile> {
  const path = (await isGzip(file)) ? await unpack(file, scratch) : file;
  const head = withoutMark(await readHead(path, HEAD_BYTES));
  if (head.length === 0) {
    throw new DataError(`prepare: "input" expected events, got an empty file, at ${file}.`, { file });
  }
  const found = format ?? detectFormat(head, file);
  if (found === 'jsonl' || found === 'parquet')
    return { file, path, format: found, delimiter: '', header: [] };
  const line = firstLine(head);
  const delimiter = found === 'tsv' ? '\t' : csvDelimiter(line);
  const { fields } = splitFields(line, delimiter);
  return { file, path, format: found, delimiter, header: fields.map((field) => field ?? '') };
}

/**
 * Looks whether a file is there, before any is read.
 *
 * @throws DataError if it is not.
 */
export async function checkInput(file: string): Promise<void> {
  const entry = await stat(file).catch((cause: unknown) => {
    throw new DataError(`prepare: "input" expected a file, got nothing, at ${file}.`, { file, cause });
  });
  if (entry.isFile()) return;
  throw new DataError(`prepare: "input" expected a file, got a folder or device, at ${file}.`, { file });
}

async function isGzip(file: string): Promise<boolean> {
  const head = await readHead(file, 2);
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Unpacked here and not by DuckDB, which takes a cut gzip stream for a short file (1.5.6). */
async function unpack(file: string, scratch: string): Promise<string> {
  const path = join(scratch, 'unpacked');
  try {
    await pipeline(createReadStream(file), createGunzip(), createWriteStream(path, { flags: 'wx' }));
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_'))) throw cause;
    const message = `prepare: "input" expected a whole gzip file, got a damaged one (${cause.message}), at ${file}.`;
    throw new DataError(message, { file, cause });
  }
  return path;
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

function firstLine(head: Buffer): string {
  const end = head.indexOf(10);
  const line = head.subarray(0, end === -1 ? head.length : end).toString('utf8');
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function csvDelimiter(header: string): string {
  return !header.includes(',') && header.includes(';') ? ';' : ',';
}
