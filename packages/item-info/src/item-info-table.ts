import type { ItemIdTable } from '@gru4rec/item-ids';
import { type ItemInfo, itemRow } from './item-info.ts';
import { repeated } from './item-info-lines.ts';
import { itemsError } from './read-item-rows.ts';

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
