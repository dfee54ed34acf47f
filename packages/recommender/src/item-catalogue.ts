import { type Condition, cellOf, type ItemInfo, meets, startingFrom } from '@gru4rec/dataset/items';
import { AllowedItems } from '@gru4rec/model';
import { LRUCache } from 'lru-cache';

/** A column in numbers, by which items are grouped or chosen. */
export interface CodedColumn {
  /** [I] place of an item's cell in `cells`, −1 without a value. */
  readonly codes: Int32Array;
  /** The distinct cells. */
  readonly cells: ReadonlyMap<string, number>;
}

/** Bytes of the rules that are kept. */
const MOST_BYTES = 2 ** 25;

/** What the items file says of a model's items, for rules. Its numbers are in shared memory, so that threads read them. */
export class ItemCatalogue {
  readonly #infos: readonly (ItemInfo | undefined)[];
  readonly #columns = new Map<string, CodedColumn>();
  readonly #allowed: LRUCache<string, AllowedItems>;
  /** Undefined if all are. */
  readonly available: AllowedItems | undefined;

  /** @param infos - [I], by item index; an item without a row is available and has no value. */
  constructor(infos: readonly (ItemInfo | undefined)[]) {
    this.#infos = infos;
    this.#allowed = new LRUCache({
      maxSize: MOST_BYTES,
      sizeCalculation: ({ bits }) => bits.byteLength + 200,
    });
    const available = this.#collect((item) => infos[item]?.available !== false);
    this.available = available.count < infos.length ? available : undefined;
  }

  /** Coded when it is first asked for. */
  column(name: string): CodedColumn {
    const known = this.#columns.get(name);
    if (known) return known;
    const codes = new Int32Array(new SharedArrayBuffer(4 * this.#infos.length)).fill(-1);
    const cells = new Map<string, number>();
    for (const [item, info] of this.#infos.entries()) {
      const cell = info ? cellOf(info, name) : '';
      if (cell === '') continue;
      const code = cells.get(cell) ?? cells.size;
      if (code === cells.size) cells.set(cell, code);
      codes[item] = code;
    }
    this.#columns.set(name, { codes, cells });
    return { codes, cells };
  }

  /** The available items that meet all conditions. @param start - the item that the list starts from. */
  allowed(conditions: readonly Condition[], start: ItemInfo | undefined): AllowedItems {
    const met = conditions.flatMap((condition) => startingFrom(condition, start) ?? []);
    const key = JSON.stringify(met);
    const known = this.#allowed.get(key);
    if (known) return known;
    const columns = met.map((condition) => {
      const { codes, cells } = this.column(condition.column);
      const isMet = Uint8Array.from(cells.keys(), (cell) => Number(meets(condition, cell)));
      return { codes, isMet, without: meets(condition, '') };
    });
    const { available } = this;
    const allowed = this.#collect((item) => {
      if (available?.has(item) === false) return false;
      return columns.every(({ codes, isMet, without }) => {
        const code = codes[item] ?? -1;
        return code < 0 ? without : isMet[code] === 1;
      });
    });
    this.#allowed.set(key, allowed);
    return allowed;
  }

  #collect(isIn: (item: number) => boolean): AllowedItems {
    const items = this.#infos.length;
    const bits = new Int32Array(new SharedArrayBuffer(4 * Math.ceil(items / 32)));
    let count = 0;
    for (let item = 0; item < items; item++) {
      if (!isIn(item)) continue;
      bits[item >> 5] = (bits[item >> 5] ?? 0) | (1 << (item & 31));
      count++;
    }
    return new AllowedItems(bits, count);
  }
}
