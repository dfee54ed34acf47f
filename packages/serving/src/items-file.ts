import { createReadStream, type Stats, unwatchFile, watchFile } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import type { ItemIdTable } from '@gru4rec/item-ids';
import { parse } from 'csv-parse';
import type { Catalogue } from './inference/messages.ts';

/** What the items file says of an item. */
export interface ItemInfo {
  readonly available: boolean;
  readonly group: string | undefined;
  /** All columns except the id. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Callbacks of a file that is watched. */
export interface ItemsFileOptions {
  /** Called when a change has been read. */
  readonly onChange?: () => void;
  /** Called when a change cannot be read; the earlier content stays. */
  readonly onError?: (error: Error) => void;
  /** How often the file is looked at (1 s). */
  readonly everyMs?: number;
}

interface Content {
  readonly items: ReadonlyMap<string, ItemInfo>;
  readonly groups: ReadonlyMap<string, number>;
  readonly fields: ReadonlySet<string>;
}

/** Items between two pauses, in which requests are answered. */
const ITEMS_AT_ONCE = 5000;

/**
 * Metadata and rules of items from a file: JSON Lines if its name ends in `.jsonl` or `.ndjson`, otherwise CSV with a header.
 * Columns: `id`, and optionally `available`, `group` and any metadata. It is read again when it changes.
 */
export class ItemsFile {
  readonly path: string;
  readonly #options: ItemsFileOptions;
  readonly #watch: (now: Stats, before: Stats) => void;
  #content: Content;
  #reading = Promise.resolve();

  private constructor(path: string, content: Content, options: ItemsFileOptions) {
    this.path = path;
    this.#content = content;
    this.#options = options;
    this.#watch = (now, before) => {
      if (now.mtimeMs === before.mtimeMs && now.ino === before.ino && now.size === before.size) return;
      this.#reading = this.#reading.then(() => this.#readAgain());
    };
    watchFile(path, { interval: options.everyMs ?? 1000, persistent: false }, this.#watch);
  }

  /** @throws Error naming the file and the line that is wrong. */
  static async open(path: string, options: ItemsFileOptions = {}): Promise<ItemsFile> {
    return new ItemsFile(path, await readItemsFile(path), options);
  }

  /** Number of items in the file. */
  get size(): number {
    return this.#content.items.size;
  }

  /** Names of all columns except the id. */
  get fields(): ReadonlySet<string> {
    return this.#content.fields;
  }

  /** Whether the file has groups. */
  get hasGroups(): boolean {
    return this.#content.groups.size > 0;
  }

  get(itemId: string): ItemInfo | undefined {
    return this.#content.items.get(itemId);
  }

  /** The number of a group in every catalogue of the same content. */
  groupNumber(group: string): number | undefined {
    return this.#content.groups.get(group);
  }

  /** Rules by item index. Items that are not in the file are available and have no group. */
  async catalogueOf(itemIds: ItemIdTable): Promise<Catalogue> {
    const { items, groups } = this.#content;
    const available = new Uint8Array(itemIds.length).fill(1);
    const groupOf = new Int32Array(itemIds.length).fill(-1);
    let read = 0;
    for (const [itemId, item] of items) {
      if (++read % ITEMS_AT_ONCE === 0) await setImmediate();
      const index = itemIds.indexOf(itemId);
      if (index < 0) continue;
      available[index] = Number(item.available);
      if (item.group !== undefined) groupOf[index] = groups.get(item.group) ?? -1;
    }
    return { available, groups: groupOf };
  }

  /** Stops watching. */
  close(): void {
    unwatchFile(this.path, this.#watch);
  }

  async #readAgain(): Promise<void> {
    try {
      this.#content = await readItemsFile(this.path);
      this.#options.onChange?.();
    } catch (error) {
      this.#options.onError?.(error as Error);
    }
  }
}

async function readItemsFile(path: string): Promise<Content> {
  const items = new Map<string, ItemInfo>();
  const groups = new Map<string, number>();
  const fields = new Set<string>();
  const rows = /\.(jsonl|ndjson)$/i.test(path) ? jsonRows(path) : csvRows(path);
  try {
    for await (const { row, line } of rows) {
      const { id, ...rest } = row;
      const item = itemInfo(rest, line);
      if (typeof id !== 'string' || id === '') throw lineError(line, 'id', 'a string', id);
      if (items.has(id)) throw new Error(`line ${line}: the item ${JSON.stringify(id)} occurs twice`);
      if (item.group !== undefined && !groups.has(item.group)) groups.set(item.group, groups.size);
      for (const name of Object.keys(rest)) fields.add(name);
      items.set(id, item);
      if (items.size % ITEMS_AT_ONCE === 0) await setImmediate();
    }
  } catch (cause) {
    throw new Error(`The items ${path} cannot be read`, { cause });
  }
  return { items, groups, fields };
}

interface Row {
  readonly row: Record<string, unknown>;
  readonly line: number;
}

async function* jsonRows(path: string): AsyncGenerator<Row> {
  let line = 0;
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++;
    if (text.trim() === '') continue;
    const row = parseJson(text, line);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new Error(`line ${line}: expected a JSON object, got ${shorten(text)}`);
    }
    yield { row: row as Record<string, unknown>, line };
  }
}

function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Error(`line ${line}: expected a line of JSON, got ${shorten(text)}`);
  }
}

async function* csvRows(path: string): AsyncGenerator<Row> {
  const parser = createReadStream(path).pipe(parse({ bom: true, columns: true, info: true }));
  for await (const { record, info } of parser) yield { row: record, line: info.lines };
}

const available = new Map<unknown, boolean>([
  ...[undefined, null, '', true, 1, 'true', '1', 'yes'].map((value) => [value, true] as const),
  ...[false, 0, 'false', '0', 'no'].map((value) => [value, false] as const),
]);

function itemInfo(fields: Record<string, unknown>, line: number): ItemInfo {
  const { available: written, group } = fields;
  const isAvailable = available.get(typeof written === 'string' ? written.toLowerCase() : written);
  if (isAvailable === undefined) throw lineError(line, 'available', 'true or false', written);
  if (group !== undefined && group !== null && typeof group !== 'string') {
    throw lineError(line, 'group', 'a string', group);
  }
  return { available: isAvailable, group: group || undefined, fields };
}

function lineError(line: number, name: string, expected: string, got: unknown): Error {
  return new Error(
    `line ${line}: "${name}" expected ${expected}, got ${shorten(JSON.stringify(got) ?? 'none')}`,
  );
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
