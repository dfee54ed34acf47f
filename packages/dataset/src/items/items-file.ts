import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { shorten, show, showNames } from '@gru4rec/checks';
import { parse } from 'csv-parse';
import { ItemIdTable } from '../ids/index.ts';

/** What an items file says of an item. */
export interface ItemInfo {
  readonly available: boolean;
  /** A number is converted to a string, also for `group`. */
  readonly title: string | undefined;
  readonly group: string | undefined;
  /** All columns except the id. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A row of an items file. */
export interface ItemRow {
  readonly id: string;
  readonly info: ItemInfo;
  /** Line number from 1; of a CSV record, its last line. */
  readonly line: number;
}

/** A row as it is written. */
export interface RawRow {
  readonly row: Readonly<Record<string, unknown>>;
  readonly line: number;
}

/** Columns that mean something. */
export const itemColumnKeys = ['id', 'title', 'group', 'available', 'price'] as const;

/** Columns whose names differ from the keys. */
export type ItemColumnNames = { readonly [Key in (typeof itemColumnKeys)[number]]?: string };

/** How an items file is read. */
export interface ItemsFileOptions {
  readonly columns?: ItemColumnNames | undefined;
  /** Called for a wrong row, or a second one of an item, which is left out. Without it, such a row is an error. */
  readonly onBadRow?: ((line: number, problem: string) => void) | undefined;
}

const AVAILABLE = /^(|true|yes|y|ja|oui|(in|en|auf)[ _]?(stock|lager)|available|verfügbar|lieferbar)$/i;
const SOLD_OUT = /^(false|no|n|nein|non|out[ _]of[ _]stock|sold[ _]out|ausverkauft|épuisé)$/i;

/** A number counts pieces. @returns undefined if the value does not say it. */
export function availabilityOf(value: unknown): boolean | undefined {
  if (typeof value === 'object' && value !== null) return undefined;
  const text = String(value ?? '').trim();
  if (AVAILABLE.test(text)) return true;
  if (SOLD_OUT.test(text)) return false;
  return Number.isNaN(Number(text)) ? undefined : Number(text) > 0;
}

/**
 * @param columns - without a name for ids, they are in `id`, or else in `item`.
 * @throws Error naming the column that is wrong.
 */
export function itemRow({ row, line }: RawRow, columns: ItemColumnNames = {}): ItemRow {
  const idColumn = columns.id ?? (row['id'] === undefined && row['item'] !== undefined ? 'item' : 'id');
  const { id: written, ...fields } = underKeys(row, { ...columns, id: idColumn });
  if (written === undefined) throw noColumn(Object.keys(row), columns.id);
  const id = Number.isSafeInteger(written) ? String(written) : written;
  if (typeof id !== 'string' || id === '') throw wrongCell(idColumn, 'a string or a whole number', written);
  if (/\p{Surrogate}/u.test(id)) throw wrongCell(idColumn, 'Unicode without lone surrogates', id);
  const { available, group, title } = fields;
  const isAvailable = availabilityOf(available);
  if (isAvailable === undefined) {
    throw wrongCell(columns.available ?? 'available', 'true, false or a number of pieces', available);
  }
  if (group !== undefined && group !== null && labelOf(group) === undefined) {
    throw wrongCell(columns.group ?? 'group', 'a string or a number', group);
  }
  const info = {
    available: isAvailable,
    title: labelOf(title) || undefined,
    group: labelOf(group) || undefined,
    fields,
  };
  return { id, info, line };
}

function underKeys(row: RawRow['row'], columns: ItemColumnNames): Record<string, unknown> {
  const named = Object.entries(columns);
  const moved = new Set(named.flat());
  return Object.fromEntries([
    ...Object.entries(row).filter(([name]) => !moved.has(name)),
    ...named.flatMap(([key, name]) => (Object.hasOwn(row, name) ? [[key, row[name]]] : [])),
  ]);
}

function labelOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function wrongCell(column: string, expected: string, got: unknown): Error {
  return new Error(`"${column}" expected ${expected}, got ${show(got)}`);
}

/** Rows lack a column. @param missing - that of ids if not given. */
export function noColumn(names: readonly string[], missing: string = 'id, or the name of another'): Error {
  return new Error(`expected a column ${missing}, got ${showNames(names)}`);
}

/** A file cannot be read. */
export function itemsError(path: string, cause: unknown): Error {
  return new Error(`The items ${path} cannot be read`, { cause });
}

export function rowError(line: number, cause: unknown, unit: string = 'line'): Error {
  return new Error(`${unit} ${line}: ${(cause as Error).message}`);
}

export function repeated(id: string): Error {
  return new Error(`the item ${JSON.stringify(id)} occurs twice`);
}

/**
 * @param unit - of the numbers of rows, for errors.
 * @throws Error naming the row that is wrong, if none is right, or a named column that no row has.
 */
export async function* checkedRows(
  rows: AsyncIterable<RawRow>,
  { columns = {}, onBadRow }: ItemsFileOptions = {},
  unit: string = 'line',
): AsyncGenerator<ItemRow> {
  const ids = new ItemIdTable();
  const absent = new Set(Object.values(columns));
  let names: readonly string[] | undefined;
  let firstError: Error | undefined;
  for await (const raw of rows) {
    names = Object.keys(raw.row);
    if (absent.size > 0) for (const name of names) absent.delete(name);
    try {
      const row = itemRow(raw, columns);
      const { length } = ids;
      if (ids.add(row.id) < length) throw repeated(row.id);
      yield row;
    } catch (cause) {
      firstError ??= rowError(raw.line, cause, unit);
      if (!onBadRow) throw firstError;
      onBadRow(raw.line, (cause as Error).message);
    }
  }
  if (firstError && ids.length === 0) throw firstError;
  if (names && absent.size > 0) throw noColumn(names, [...absent].join(', '));
}

/**
 * Streams the rows of an items file in UTF-8: JSON Lines (`.jsonl`, `.ndjson`), else CSV, or TSV if the first line has a tab,
 * with a header. Columns: `id` (or `item`), and any others.
 * @throws Error naming the file and, in its cause, the line that is wrong.
 */
export async function* readItemRows(path: string, options?: ItemsFileOptions): AsyncGenerator<ItemRow> {
  try {
    const rows = /\.(jsonl|ndjson)$/i.test(path) ? jsonRows(textOf(await streamOf(path))) : csvRows(path);
    yield* checkedRows(rows, options);
  } catch (cause) {
    throw itemsError(path, cause);
  }
}

/** The rows of JSON Lines in memory. @param path - named in errors. */
export async function* itemRowsOf(bytes: Uint8Array, path: string): AsyncGenerator<ItemRow> {
  try {
    yield* checkedRows(jsonRows(textOf(chunksOf(bytes))));
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

async function* jsonRows(chunks: AsyncIterable<string>): AsyncGenerator<RawRow> {
  let line = 1;
  let text = '';
  for await (const chunk of chunks) {
    const [end = '', ...starts] = chunk.split('\n');
    // Only joined at its end, or a long line would take quadratic time.
    text += end;
    for (const start of starts) {
      if (text.trim() !== '') yield { row: parseObject(text, line), line };
      line++;
      text = start;
    }
  }
  if (text.trim() !== '') yield { row: parseObject(text, line), line };
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
  const chunks = textOf(await streamOf(path));
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

/** A record would have only the last of several columns with one name. */
function uniqueColumns(names: string[]): string[] {
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) < at);
  if (twice === undefined) return names;
  throw new Error(`line 1: the column ${show(twice)} occurs twice`);
}

function delimiterOf(start: string): ',' | ';' | '\t' {
  const [header = ''] = start.split('\n', 1);
  if (header.includes('\t')) return '\t';
  return !header.includes(',') && header.includes(';') ? ';' : ',';
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield first;
  yield* rest;
}
