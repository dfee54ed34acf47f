import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { shorten, show } from '@gru4rec/checks';
import { parse } from 'csv-parse';
import { type ItemRow, itemRow, itemsError, type RawRow } from './item-info.ts';

/**
 * Streams the rows of an items file in UTF-8: JSON Lines (`.jsonl`, `.ndjson`), else CSV, or TSV if the first line
 * has a tab, with a header. Columns: `id` (or `item`), and optionally `title`, `group`, `available` and any
 * others. Closes the file, also if the caller stops early.
 * @param idColumn - as of `itemRow`.
 * @throws Error naming the file and, in its cause, the line that is wrong.
 */
export async function* readItemRows(path: string, idColumn?: string): AsyncGenerator<ItemRow> {
  try {
    const rows = /\.(jsonl|ndjson)$/i.test(path) ? jsonRows(textOf(await streamOf(path))) : csvRows(path);
    for await (const row of rows) yield itemRow(row, idColumn);
  } catch (cause) {
    throw itemsError(path, cause);
  }
}

/** The rows of JSON Lines in memory. @param path - named in errors. @throws Error as `readItemRows`. */
export async function* itemRowsOf(bytes: Uint8Array, path: string): AsyncGenerator<ItemRow> {
  try {
    for await (const row of jsonRows(textOf(chunksOf(bytes)))) yield itemRow(row);
  } catch (cause) {
    throw itemsError(path, cause);
  }
}

const CHUNK_BYTES = 1 << 16;

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function streamOf(path: string): Promise<Readable> {
  if ((await stat(path)).isDirectory()) throw new Error('it is a folder, not a file');
  return createReadStream(path);
}

/** Without a byte order mark. Invalid bytes would be decoded as replacement characters, which would change ids. */
async function* textOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw new Error('expected UTF-8, got invalid bytes', { cause });
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}

async function* jsonRows(text: AsyncIterable<string>): AsyncGenerator<RawRow> {
  let line = 0;
  const input = Readable.from(text);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  // The lines end when the stream does, without its error.
  let failure: Error | undefined;
  input.on('error', (error) => {
    failure = error;
  });
  try {
    for await (const text of lines) {
      line++;
      if (text.trim() !== '') yield { row: parseObject(text, line), line };
    }
  } finally {
    input.destroy();
  }
  if (failure) throw failure;
}

function parseObject(text: string, line: number): RawRow['row'] {
  const row = parseJson(text, line);
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as RawRow['row'];
  throw new Error(`line ${line}: expected a JSON object, got ${shorten(text)}`);
}

function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`line ${line}: expected a line of JSON, got ${shorten(text)}`);
  }
}

async function* csvRows(path: string): AsyncGenerator<RawRow> {
  const chunks = textOf(refuseParquet(await streamOf(path)));
  const first = (await chunks.next()).value ?? '';
  const parser = parse({ columns: uniqueColumns, info: true, delimiter: delimiterOf(first) });
  const text = Readable.from(joined(first, chunks));
  // A pipe does not pass errors on.
  text.on('error', (error) => parser.destroy(error)).pipe(parser);
  try {
    for await (const { record, info } of parser) yield { row: record, line: info.lines };
  } finally {
    text.destroy();
  }
}

/** The first bytes of a Parquet file are text, so that its decoding would fail only later. */
async function* refuseParquet(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst && chunk.subarray(0, 4).equals(Buffer.from('PAR1'))) {
      throw new Error('expected CSV, TSV or JSON Lines, got Parquet');
    }
    isFirst = false;
    yield chunk;
  }
}

/** Of columns with one name, a record would have the last. */
function uniqueColumns(names: string[]): string[] {
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) < at);
  if (twice === undefined) return names;
  throw new Error(`line 1: the column ${show(twice)} occurs twice`);
}

function delimiterOf(start: string): ',' | '\t' {
  return start.split('\n', 1)[0]?.includes('\t') ? '\t' : ',';
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield first;
  yield* rest;
}
