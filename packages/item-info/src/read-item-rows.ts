import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { type ItemRow, itemRow, type RawRow, shorten } from './item-info.ts';

/**
 * Streams the rows of an items file: JSON Lines if its name ends in `.jsonl` or `.ndjson`, otherwise CSV, or TSV if the first
 * line has a tab, with a header. Columns: `id` (or `item`), and optionally `title`, `group`, `available` and any others.
 *
 * @throws Error naming the file and, in its cause, the line that is wrong.
 */
export async function* readItemRows(path: string): AsyncGenerator<ItemRow> {
  try {
    const rows = /\.(jsonl|ndjson)$/i.test(path) ? jsonRows(await streamOf(path)) : csvRows(path);
    for await (const row of rows) yield itemRow(row);
  } catch (cause) {
    throw itemsError(path, cause);
  }
}

const ROWS_CHECKED = 1000;

/**
 * Reads the first rows of an items file, to find a wrong file before long work starts.
 *
 * @throws Error as `readItemRows`.
 */
export async function checkItemRows(path: string): Promise<void> {
  let rows = 0;
  for await (const _ of readItemRows(path)) if (++rows === ROWS_CHECKED) return;
}

/**
 * The rows of JSON Lines in memory.
 *
 * @param path - named in errors.
 * @throws Error as `readItemRows`.
 */
export async function* itemRowsOf(bytes: Uint8Array, path: string): AsyncGenerator<ItemRow> {
  try {
    for await (const row of jsonRows(Readable.from(chunksOf(bytes)))) yield itemRow(row);
  } catch (cause) {
    throw itemsError(path, cause);
  }
}

/** The error for a file that cannot be read. */
export function itemsError(path: string, cause: unknown): Error {
  return new Error(`The items ${path} cannot be read`, { cause });
}

const CHUNK_BYTES = 1 << 16;

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function streamOf(path: string): Promise<Readable> {
  return (await open(path)).createReadStream();
}

async function* jsonRows(bytes: Readable): AsyncGenerator<RawRow> {
  let line = 0;
  const lines = createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY });
  // The lines end when the stream does, without its error.
  let failure: Error | undefined;
  bytes.on('error', (error) => {
    failure = error;
  });
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const row = parseJson(text, line);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new Error(`line ${line}: expected a JSON object, got ${shorten(text)}`);
    }
    yield { row: row as Record<string, unknown>, line };
  }
  if (failure) throw failure;
}

function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Error(`line ${line}: expected a line of JSON, got ${shorten(text)}`);
  }
}

async function* csvRows(path: string): AsyncGenerator<RawRow> {
  const chunks: AsyncIterator<Buffer> = (await streamOf(path))[Symbol.asyncIterator]();
  const first = await chunks.next();
  const delimiter = first.done ? ',' : delimiterOf(first.value);
  const parser = parse({ bom: true, columns: true, info: true, delimiter });
  const bytes = Readable.from(joined(first, chunks));
  // A pipe does not pass errors on.
  bytes.on('error', (error) => parser.destroy(error)).pipe(parser);
  for await (const { record, info } of parser) yield { row: record, line: info.lines };
}

function delimiterOf(start: Buffer): ',' | '\t' {
  const end = start.indexOf('\n');
  return start.subarray(0, end < 0 ? start.length : end).includes('\t') ? '\t' : ',';
}

async function* joined(
  first: IteratorResult<Buffer>,
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer, void> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}
