import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ItemIdTable } from '@gru4rec/dataset/ids';
import {
  ITEM_INFO_FILE,
  type ItemInfo,
  type ItemRow,
  itemsError,
  RuleColumns,
  readItemRows,
} from '@gru4rec/dataset/items';
import { followPointer, lockOutput, recover, replaceFile } from '@gru4rec/durable-files';
import { ItemCatalogue } from '@gru4rec/recommender';
import { Problem } from '../http/problem.ts';
import { SerialQueue } from '../serial-queue.ts';
import { modifiedMs, stateOfFiles, watchFiles } from '../watch-files.ts';

/** Callbacks of a file that is watched. */
export interface ItemsWatch {
  /** Called when a change has been read. */
  readonly onChange: () => void;
  /** Called when a change cannot be read; the earlier content stays. */
  readonly onError: (error: Error) => void;
  /** How often the file is looked at (1 s). */
  readonly everyMs?: number | undefined;
}

export interface ItemsFileOptions {
  /** For items that are posted; made if there is none. Without, none can be. */
  readonly posted?: string | undefined;
  /** Reads the rows of the file: `readItemRows` if not given, which reads no Parquet. */
  readonly readRows?: ((path: string) => AsyncIterable<ItemRow>) | undefined;
}

interface Content {
  readonly items: Map<string, ItemInfo>;
  readonly columns: RuleColumns;
}

const noContent = (): Content => ({ items: new Map(), columns: new RuleColumns() });

/** Items between two pauses, in which requests are answered. */
const ITEMS_AT_ONCE = 5000;

/** Items of a file, read again when it changes, and posted items. Of an item in both, the later row counts. */
export class ItemsFile {
  /** Undefined if all items are posted. */
  readonly path: string | undefined;
  readonly #posted: PostedItems | undefined;
  readonly #readRows: (path: string) => AsyncIterable<ItemRow>;
  #content: Content = noContent();
  #revision = 0;
  #fileRows = 0;
  #state: string | undefined;
  #endWatch = (): void => {};

  private constructor(
    path: string | undefined,
    posted: PostedItems | undefined,
    readRows: (path: string) => AsyncIterable<ItemRow>,
  ) {
    this.path = path;
    this.#posted = posted;
    this.#readRows = readRows;
  }

  /** @throws Error naming the file and the line that is wrong, or the file of posted items that another server has. */
  static async open(path: string | undefined, options: ItemsFileOptions = {}): Promise<ItemsFile> {
    const posted = options.posted === undefined ? undefined : await PostedItems.open(options.posted);
    const file = new ItemsFile(path, posted, options.readRows ?? readItemRows);
    try {
      await file.#read();
    } catch (error) {
      posted?.close();
      throw error;
    }
    return file;
  }

  /** Reads the file again when it has changed, until `close`. */
  watch({ onChange, onError, everyMs = 1000 }: ItemsWatch): void {
    const { path } = this;
    if (path === undefined) return;
    this.#endWatch = watchFiles({
      look: async () => stateOfFiles(fileOf(path)),
      state: this.#state,
      everyMs,
      onChange: () => this.#read().then(onChange, onError),
    });
  }

  /** Whether items can be posted. */
  get takesItems(): boolean {
    return this.#posted !== undefined;
  }

  /**
   * Keeps items in the place of rows of theirs. @returns when they are on disk.
   * @throws Error if they cannot be written; then nothing has changed.
   */
  async post(rows: readonly ItemRow[]): Promise<void> {
    await this.#posted?.put(rows);
    for (const { id, info } of rows) this.#take(this.#content, id, info);
    this.#revision++;
  }

  /** Grows with each change of the items. */
  get revision(): number {
    return this.#revision;
  }

  /** All items, unless this is the folder's own `item-info.jsonl`. */
  *rowsBeside(directory: string): Generator<readonly [id: string, info: ItemInfo]> {
    const isOwn = this.path === join(directory, ITEM_INFO_FILE);
    yield* isOwn ? (this.#posted?.rows() ?? []) : this.#content.items;
  }

  /** Number of items in the file, and of those that were posted. */
  get size(): number {
    return this.#content.items.size;
  }

  /** The rows of all items. */
  infos(): Iterable<ItemInfo> {
    return this.#content.items.values();
  }

  /** All columns except the id. */
  get columns(): RuleColumns {
    return this.#content.columns;
  }

  /** What the file says of an item; undefined if it has none of this id. */
  get(itemId: string): ItemInfo | undefined {
    return this.#content.items.get(itemId);
  }

  /** Rules by item index. Items that the file lacks are available and have no value. */
  async catalogueOf(itemIds: ItemIdTable): Promise<ItemCatalogue> {
    const infos = new Array<ItemInfo | undefined>(itemIds.length).fill(undefined);
    let read = 0;
    for (const [itemId, item] of this.#content.items) {
      if (++read % ITEMS_AT_ONCE === 0) await setImmediate();
      const index = itemIds.indexOf(itemId);
      if (index >= 0) infos[index] = item;
    }
    return new ItemCatalogue(infos);
  }

  /** Stops watching, and lets other servers have the posted items. */
  close(): void {
    this.#endWatch();
    this.#posted?.close();
  }

  async #read(): Promise<void> {
    const path = this.path && fileOf(this.path);
    const content = noContent();
    if (path !== undefined) {
      this.#state = await stateOfFiles(path);
      const atMs = await modifiedMs(path);
      for await (const { id, info } of this.#readRows(path)) {
        this.#take(content, id, info);
        if (content.items.size % ITEMS_AT_ONCE === 0) await setImmediate();
      }
      await this.#checkRows(path, content.items.size);
      await this.#posted?.drop(content.items, atMs);
      this.#fileRows = content.items.size;
    }
    for (const [id, info] of this.#posted?.rows() ?? []) this.#take(content, id, info);
    this.#content = content;
    this.#revision++;
  }

  /** A file that was cut off would list items again that are not available. That of a model is replaced with the model. */
  async #checkRows(path: string, rows: number): Promise<void> {
    const isEmpty = rows === 0 && (await stat(path)).size === 0;
    if ((!isEmpty && 2 * rows >= this.#fileRows) || basename(path) === ITEM_INFO_FILE) return;
    const half = `at least half of the ${this.#fileRows} rows that are served (start the server again to take fewer)`;
    const what = isEmpty ? 'a column id, got an empty file' : `${half}, got ${rows}`;
    throw itemsError(path, new Error(`expected ${what}`));
  }

  #take({ items, columns }: Content, id: string, info: ItemInfo): void {
    columns.add(info);
    items.set(id, info);
  }
}

/** With a pointer for its folder, the file in what that names now. */
const fileOf = (path: string): string => join(followPointer(dirname(path)), basename(path));

/** The most items that are kept: each call writes all of them. */
const MOST_POSTED = 50_000;

interface Posted {
  readonly info: ItemInfo;
  /** When it was posted, or a later time before this process began; milliseconds since 1970. */
  readonly atMs: number;
}

class PostedItems {
  readonly #path: string;
  readonly #unlock: () => void;
  #rows: ReadonlyMap<string, Posted>;
  readonly #changes = new SerialQueue();

  private constructor(path: string, rows: ReadonlyMap<string, Posted>, unlock: () => void) {
    this.#path = path;
    this.#rows = rows;
    this.#unlock = unlock;
  }

  static async open(path: string): Promise<PostedItems> {
    if (!path.endsWith('.jsonl'))
      throw new RangeError(`The posted items expected a file .jsonl, got ${path}`);
    const unlock = lockOutput(path, 'serve');
    try {
      await recover(path);
      const rows = new Map<string, Posted>();
      const atMs = await modifiedMs(path);
      if (existsSync(path)) for await (const { id, info } of readItemRows(path)) rows.set(id, { info, atMs });
      return new PostedItems(path, rows, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  *rows(): Generator<readonly [id: string, info: ItemInfo]> {
    for (const [id, { info }] of this.#rows) yield [id, info];
  }

  put(rows: readonly ItemRow[]): Promise<void> {
    const atMs = Date.now();
    return this.#change((next) => {
      for (const { id, info } of rows) next.set(id, { info, atMs });
      if (next.size <= MOST_POSTED) return true;
      throw new Problem(
        409,
        `At most ${MOST_POSTED} posted items are kept; bring them into the items file (--items)`,
      );
    });
  }

  drop(items: ReadonlyMap<string, unknown>, changedMs: number): Promise<void> {
    return this.#change((next) => {
      const dropped = [...next].filter(([id, { atMs }]) => items.has(id) && atMs < changedMs);
      for (const [id] of dropped) next.delete(id);
      return dropped.length > 0;
    });
  }

  close(): void {
    this.#unlock();
  }

  #change(change: (rows: Map<string, Posted>) => boolean): Promise<void> {
    return this.#changes.run(async () => {
      const next = new Map(this.#rows);
      if (change(next)) await this.#write(next);
      this.#rows = next;
    });
  }

  async #write(rows: ReadonlyMap<string, Posted>): Promise<void> {
    const lines = Array.from(rows, ([id, { info }]) => `${JSON.stringify({ ...info.fields, id })}\n`);
    await replaceFile(this.#path, [Buffer.from(lines.join(''))]).catch((cause: Error) => {
      throw new Problem(503, `The posted items cannot be written: ${cause.message}`, { cause });
    });
  }
}
