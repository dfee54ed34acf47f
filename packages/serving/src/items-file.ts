import { open, stat } from 'node:fs/promises';
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
export interface ItemsWatch {
  /** Called when a change has been read. */
  readonly onChange: () => void;
  /** Called when a change cannot be read; the earlier content stays. */
  readonly onError: (error: Error) => void;
  /** How often the file is looked at (1 s). */
  readonly everyMs?: number;
}

interface Content {
  readonly items: ReadonlyMap<string, ItemInfo>;
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
  /** Group numbers, which stay when the file is read again, so that a catalogue may be older than a request. */
  readonly #groups = new Map<string, number>();
  #content: Content = { items: new Map(), fields: new Set() };
  /** State of the file when it was last read. */
  #state: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws Error naming the file and the line that is wrong. */
  static async open(path: string): Promise<ItemsFile> {
    const file = new ItemsFile(path);
    await file.#read();
    return file;
  }

  /**
   * Reads the file again when it has changed and then stayed the same between two looks, until `close`: half of a file would
   * lack items that are not available. A file that is missing for a moment has not changed.
   */
  watch({ onChange, onError, everyMs = 1000 }: ItemsWatch): void {
    let isLooking = false;
    let before = this.#state;
    const look = async () => {
      if (isLooking) return;
      isLooking = true;
      const state = await stateOf(this.path);
      const isSettled = state === before;
      before = state;
      if (state !== undefined && isSettled && state !== this.#state)
        await this.#read().then(onChange, onError);
      isLooking = false;
    };
    this.#timer = setInterval(look, everyMs).unref();
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
    return this.#groups.size > 0;
  }

  /** What the file says of an item; undefined if it has none of this id. */
  get(itemId: string): ItemInfo | undefined {
    return this.#content.items.get(itemId);
  }

  /** The number of a group in every catalogue. */
  groupNumber(group: string): number | undefined {
    return this.#groups.get(group);
  }

  /** Rules by item index. Items that are not in the file are available and have no group. */
  async catalogueOf(itemIds: ItemIdTable): Promise<Catalogue> {
    const { items } = this.#content;
    const available = new Uint8Array(itemIds.length).fill(1);
    const groupOf = new Int32Array(itemIds.length).fill(-1);
    let read = 0;
    for (const [itemId, item] of items) {
      if (++read % ITEMS_AT_ONCE === 0) await setImmediate();
      const index = itemIds.indexOf(itemId);
      if (index < 0) continue;
      available[index] = Number(item.available);
      if (item.group !== undefined) groupOf[index] = this.#groups.get(item.group) ?? -1;
    }
    return { available, groups: groupOf };
  }

  /** Stops watching. */
  close(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    this.#state = await stateOf(this.path);
    const items = new Map<string, ItemInfo>();
    const fields = new Set<string>();
    try {
      for await (const { row, line } of rowsOf(this.path)) {
        const { id, ...rest } = row;
        if (typeof id !== 'string' || id === '') throw lineError(line, 'id', 'a string', id);
        if (items.has(id)) throw new Error(`line ${line}: the item ${JSON.stringify(id)} occurs twice`);
        const item = itemInfo(rest, line);
        for (const name of Object.keys(rest)) fields.add(name);
        items.set(id, item);
        if (items.size % ITEMS_AT_ONCE === 0) await setImmediate();
      }
    } catch (cause) {
      throw new Error(`The items ${this.path} cannot be read`, { cause });
    }
    for (const { group } of items.values()) {
      if (group !== undefined && !this.#groups.has(group)) this.#groups.set(group, this.#groups.size);
    }
    this.#content = { items, fields };
  }
}

/** Differs when the file was replaced or written; undefined if there is none. */
async function stateOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${found.ino} ${found.size} ${found.mtimeMs}`;
}

function rowsOf(path: string): AsyncGenerator<Row> {
  return /\.(jsonl|ndjson)$/i.test(path) ? jsonRows(path) : csvRows(path);
}

interface Row {
  readonly row: Record<string, unknown>;
  readonly line: number;
}

async function* jsonRows(path: string): AsyncGenerator<Row> {
  let line = 0;
  for await (const text of (await open(path)).readLines()) {
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
  const parser = parse({ bom: true, columns: true, info: true });
  const bytes = (await open(path)).createReadStream();
  // A pipe does not pass errors on.
  bytes.on('error', (error) => parser.destroy(error)).pipe(parser);
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
