import { setImmediate } from 'node:timers/promises';
import { callback, checkOptions, finiteAbove0, type OptionChecks, required } from '@gru4rec/checked-options';
import type { ItemIdTable } from '@gru4rec/item-ids';
import { type ItemInfo, itemsError, readItemRows, repeated } from '@gru4rec/item-info';
import type { ItemCatalogue } from './inference/messages.ts';
import { stateOfFiles, watchFiles } from './watch-files.ts';

/** Callbacks of a file that is watched. */
export interface ItemsWatch {
  /** Called when a change has been read. */
  readonly onChange: () => void;
  /** Called when a change cannot be read; the earlier content stays. */
  readonly onError: (error: Error) => void;
  /** How often the file is looked at (1 s). */
  readonly everyMs?: number;
}

const checks: OptionChecks<ItemsWatch> = {
  ...{ onChange: required(callback), onError: required(callback), everyMs: finiteAbove0 },
};

interface Content {
  readonly items: ReadonlyMap<string, ItemInfo>;
  readonly fields: ReadonlySet<string>;
}

/** Items between two pauses, in which requests are answered. */
const ITEMS_AT_ONCE = 5000;

/** Metadata and rules of items from a file as of `readItemRows`, which is read again when it changes. */
export class ItemsFile {
  readonly path: string;
  /** Group numbers, which stay when the file is read again, so that a catalogue may be older than a request. */
  readonly #groups = new Map<string, number>();
  #content: Content = { items: new Map(), fields: new Set() };
  /** State of the file when it was last read. */
  #state: string | undefined;
  #endWatch = (): void => {};

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws Error naming the file and the line that is wrong. */
  static async open(path: string): Promise<ItemsFile> {
    const file = new ItemsFile(path);
    await file.#read();
    return file;
  }

  /** Reads the file again when it has changed, until `close`. */
  watch(watch: ItemsWatch): void {
    checkOptions('ItemsFile.watch', watch, checks);
    const { onChange, onError, everyMs = 1000 } = watch;
    this.#endWatch = watchFiles({
      ...{ path: this.path, state: this.#state, everyMs },
      onChange: () => this.#read().then(onChange, onError),
    });
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
  async catalogueOf(itemIds: ItemIdTable): Promise<ItemCatalogue> {
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
    this.#endWatch();
  }

  async #read(): Promise<void> {
    this.#state = await stateOfFiles(this.path);
    const items = new Map<string, ItemInfo>();
    const fields = new Set<string>();
    for await (const { id, info, line } of readItemRows(this.path)) {
      if (items.has(id)) throw itemsError(this.path, repeated({ id, line }));
      for (const name of Object.keys(info.fields)) fields.add(name);
      items.set(id, info);
      if (items.size % ITEMS_AT_ONCE === 0) await setImmediate();
    }
    for (const { group } of items.values()) {
      if (group !== undefined && !this.#groups.has(group)) this.#groups.set(group, this.#groups.size);
    }
    this.#content = { items, fields };
  }
}
