import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { shorten, show, showNames } from '@gru4rec/checks';
import { parse } from 'csv-parse';
import type { ItemIdTable } from '../ids/index.ts';

/** File beside the items of a dataset or model: JSON Lines, one object per item with `id` and its columns. */
export const ITEM_INFO_FILE = 'item-info.jsonl';

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

export interface RawRow {
  readonly row: Readonly<Record<string, unknown>>;
  readonly line: number;
}

const available = new Map<unknown, boolean>([
  ...[undefined, null, '', true, 1, 'true', '1', 'yes'].map((value) => [value, true] as const),
  ...[false, 0, 'false', '0', 'no'].map((value) => [value, false] as const),
]);

/**
 * Checks a row.
 * @param idColumn - column of ids, beside which a column id is left out; `id` or `item` if not given.
 * @param place - of the row, for errors.
 * @throws Error naming the place and the column that is wrong.
 */
export function itemRow({ row, line }: RawRow, idColumn?: string, place: string = `line ${line}`): ItemRow {
  const name = idColumn ?? (row['id'] === undefined && row['item'] !== undefined ? 'item' : 'id');
  if (!Object.hasOwn(row, name)) {
    throw noIdColumn(Object.keys(row), idColumn, `${place}: `);
  }
  const { id: _, [name]: written, ...fields } = row;
  const id = Number.isSafeInteger(written) ? String(written) : written;
  if (typeof id !== 'string' || id === '') {
    throw rowError(place, name, 'a string or a whole number', written);
  }
  return { id, info: itemInfo(fields, place), line };
}

function itemInfo(fields: Record<string, unknown>, place: string): ItemInfo {
  const { available: written, group, title } = fields;
  const isAvailable = available.get(typeof written === 'string' ? written.toLowerCase() : written);
  if (isAvailable === undefined) throw rowError(place, 'available', 'true or false', written);
  if (group !== undefined && group !== null && labelOf(group) === undefined) {
    throw rowError(place, 'group', 'a string or a number', group);
  }
  return {
    available: isAvailable,
    title: labelOf(title) || undefined,
    group: labelOf(group) || undefined,
    fields,
  };
}

function labelOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function rowError(place: string, name: string, expected: string, got: unknown): Error {
  return new Error(`${place}: "${name}" expected ${expected}, got ${show(got)}`);
}

/** The error for a file without the column of ids. @param idColumn - its name, if one was given. */
export function noIdColumn(
  names: readonly string[],
  idColumn: string | undefined,
  place: string = '',
): Error {
  const expected = idColumn ?? 'id, or the name of another';
  return new Error(`${place}expected a column ${expected}, got ${showNames(names)}`);
}

/** The error for a file that cannot be read. */
export function itemsError(path: string, cause: unknown): Error {
  return new Error(`The items ${path} cannot be read`, { cause });
}

/** Rows of a file, and its name for errors. */
export interface RowSource {
  readonly path: string;
  readonly rows: AsyncIterable<ItemRow>;
}

/** How many rows were kept, and how many were left out because their item is not known. */
export interface LineCounts {
  readonly items: number;
  readonly unknown: number;
}

const CHUNK_LINES = 1000;

/**
 * The content of `item-info.jsonl`: one line per known item that has a row, in order of the sources, the first of
 * which counts. Memory holds one bit per known item, not the rows.
 * @param onEnd - called after the last line.
 * @param without - columns to leave out.
 * @throws Error naming the file in which an item occurs twice, or the first that cannot be read.
 */
export async function* itemInfoLines(
  sources: readonly RowSource[],
  itemIds: ItemIdTable,
  onEnd?: (counts: LineCounts) => void,
  without: readonly string[] = [],
): AsyncGenerator<Uint8Array> {
  /** From 1; of the source that has the row of an item. */
  const sourceOf = new Uint8Array(itemIds.length);
  let [items, unknown] = [0, 0];
  for (const [at, { path, rows }] of sources.entries()) {
    const number = at + 1;
    let lines: string[] = [];
    for await (const row of rows) {
      const index = itemIds.indexOf(row.id);
      if (index < 0) unknown++;
      else if (sourceOf[index] === number) throw itemsError(path, repeated(row));
      else if (sourceOf[index] === 0) {
        sourceOf[index] = number;
        items++;
        if (lines.push(lineOf(row, without)) === CHUNK_LINES) {
          yield Buffer.from(lines.join(''));
          lines = [];
        }
      }
    }
    yield Buffer.from(lines.join(''));
  }
  onEnd?.({ items, unknown });
}

/** The error for a second row of an item. */
export function repeated({ id, line }: Pick<ItemRow, 'id' | 'line'>): Error {
  return new Error(`line ${line}: the item ${JSON.stringify(id)} occurs twice`);
}

/** Empty cells and nulls are left out. */
function lineOf({ id, info }: ItemRow, without: readonly string[]): string {
  const { available, ...others } = info.fields;
  const given = Object.entries(others).filter(
    ([name, value]) => value !== '' && value !== null && !without.includes(name),
  );
  const { title, group } = info;
  const isGiven = available !== undefined && available !== null && available !== '';
  return `${JSON.stringify({
    id,
    ...Object.fromEntries(given),
    ...(title === undefined ? {} : { title }),
    ...(group === undefined ? {} : { group }),
    ...(isGiven ? { available: info.available } : {}),
  })}\n`;
}

const LF = 10;

/** Info of items by item index. Holds the bytes of `item-info.jsonl` and an offset per item; a row is parsed when it is read. */
export class ItemInfoTable {
  readonly #bytes: Buffer;
  readonly #itemIds: ItemIdTable;
  /** [items]: where the line of an item starts; −1 without one. */
  readonly #starts: Int32Array;
  readonly size: number;
  readonly hasTitles: boolean;
  readonly hasGroups: boolean;

  private constructor(bytes: Buffer, itemIds: ItemIdTable, path: string) {
    this.#bytes = bytes;
    this.#itemIds = itemIds;
    this.#starts = new Int32Array(itemIds.length).fill(-1);
    let [size, hasTitles, hasGroups] = [0, false, false];
    for (let start = 0, line = 1; start < bytes.length; start = this.#endOf(start) + 1, line++) {
      const { id, info } = this.#parse(start, line, path);
      const index = itemIds.indexOf(id);
      if (index < 0) continue;
      if (this.#starts[index] !== -1) throw itemsError(path, repeated({ id, line }));
      this.#starts[index] = start;
      size++;
      hasTitles ||= info.title !== undefined;
      hasGroups ||= info.group !== undefined;
    }
    this.size = size;
    this.hasTitles = hasTitles;
    this.hasGroups = hasGroups;
  }

  /**
   * @param bytes - content of `item-info.jsonl`; not copied.
   * @param path - named in errors.
   * @throws Error naming the file and, in its cause, the line that is wrong.
   */
  static of(bytes: Uint8Array, itemIds: ItemIdTable, path: string): ItemInfoTable {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new ItemInfoTable(view, itemIds, path);
  }

  /** The info of an item; undefined without a row. */
  at(index: number): ItemInfo | undefined {
    const start = this.#starts[index] ?? -1;
    return start < 0 ? undefined : this.#parse(start, 0, '').info;
  }

  /** The info of an item; undefined if it is not known or has no row. */
  get(itemId: string): ItemInfo | undefined {
    return this.at(this.#itemIds.indexOf(itemId));
  }

  #endOf(start: number): number {
    const end = this.#bytes.indexOf(LF, start);
    return end < 0 ? this.#bytes.length : end;
  }

  #parse(start: number, line: number, path: string): { id: string; info: ItemInfo } {
    try {
      const text = this.#bytes.toString('utf8', start, this.#endOf(start));
      const row: unknown = JSON.parse(text);
      if (typeof row !== 'object' || row === null) throw new Error(`line ${line}: expected a JSON object`);
      return itemRow({ row: row as Record<string, unknown>, line });
    } catch (cause) {
      throw itemsError(path, cause);
    }
  }
}

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

/** Of columns with one name, a record would have the last. */
function uniqueColumns(names: string[]): string[] {
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) < at);
  if (twice === undefined) return names;
  throw new Error(`line 1: the column ${show(twice)} occurs twice`);
}

/** As `prepare` detects that of a log. */
function delimiterOf(start: string): ',' | ';' | '\t' {
  const [header = ''] = start.split('\n', 1);
  if (header.includes('\t')) return '\t';
  return !header.includes(',') && header.includes(';') ? ';' : ',';
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield first;
  yield* rest;
}
