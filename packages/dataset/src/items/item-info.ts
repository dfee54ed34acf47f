import type { ItemIdTable } from '../ids/index.ts';
import { type ItemInfo, type ItemRow, itemRow, itemsError, repeated, rowError } from './items-file.ts';

/** File beside the items of a dataset or model: JSON Lines, one object per item with `id` and its columns. */
export const ITEM_INFO_FILE = 'item-info.jsonl';

/** Rows that were kept, and those left out because their item is not known. */
export interface LineCounts {
  readonly items: number;
  readonly unknown: number;
}

const CHUNK_LINES = 1000;

/**
 * The content of `item-info.jsonl`: one line per known item that has a row; the first source counts.
 * @param without - columns to leave out.
 */
export async function* itemInfoLines(
  sources: readonly AsyncIterable<ItemRow>[],
  itemIds: ItemIdTable,
  onEnd?: (counts: LineCounts) => void,
  without: readonly string[] = [],
): AsyncGenerator<Uint8Array> {
  const isWritten = new Uint8Array(itemIds.length);
  let [items, unknown] = [0, 0];
  for (const rows of sources) {
    let lines: string[] = [];
    for await (const row of rows) {
      const index = itemIds.indexOf(row.id);
      if (index < 0) unknown++;
      else if (isWritten[index] === 0) {
        isWritten[index] = 1;
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

function lineOf({ id, info }: ItemRow, without: readonly string[]): string {
  const { available, ...others } = info.fields;
  const fields = Object.entries(others).filter(
    ([name, value]) => value !== '' && value !== null && !without.includes(name),
  );
  const { title, group } = info;
  const isGiven = available !== undefined && available !== null && available !== '';
  return `${JSON.stringify({
    id,
    ...Object.fromEntries(fields),
    title,
    group,
    ...(isGiven ? { available: info.available } : {}),
  })}\n`;
}

const LF = 10;

/** Info of items by item index. A row is parsed when it is read. */
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
      if (this.#starts[index] !== -1) throw itemsError(path, rowError(line, repeated(id)));
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
      if (typeof row !== 'object' || row === null) throw new Error('expected a JSON object');
      return itemRow({ row: row as Record<string, unknown>, line });
    } catch (cause) {
      throw itemsError(path, rowError(line, cause));
    }
  }
}
