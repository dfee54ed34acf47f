import { isUtf8 } from 'node:buffer';
import { halfSipHash } from './half-sip-hash.ts';
import { ItemIdError } from './item-id-error.ts';
import type { ItemIds } from './item-ids.ts';

/** Ids as bytes: a column `Utf8` of Arrow, less its padding. */
export interface PackedIds {
  /** UTF-8, one id behind the other. */
  readonly utf8: Uint8Array;
  /** [ids + 1]: id i is at `offsets[i]` to `offsets[i + 1] − 1`. */
  readonly offsets: Int32Array;
}

/** Offsets are int32, as in Arrow. */
const MOST_BYTES = 2 ** 31 - 1;
/** Of the slots of the hash table, so many hold an id at most. */
const LOAD = 0.7;
const LEAST_SLOTS = 16;

/**
 * Item ids in three typed arrays, with no object an item: UTF-8 bytes, where each id begins, and a hash table of open
 * addressing. No two are alike. Ids are added at the end and never change their index.
 */
export class ItemIdTable implements ItemIds {
  #utf8: Buffer;
  #offsets: Int32Array;
  /** Item index + 1 in the low bits, which as many slots need, and the hash in the others; 0 is free. */
  #slots = new Int32Array(LEAST_SLOTS);
  #length = 0;
  /** Bytes of the longest id. */
  #longest = 0;
  /** An id that is looked up. */
  #wanted = Buffer.alloc(0);
  /** Chance that changes nothing but which slots ids lie in. */
  readonly #key = crypto.getRandomValues(new Int32Array(2));

  /** @param room - what memory is taken for at once; more is taken as it is needed. */
  constructor(room: { readonly items?: number; readonly bytes?: number } = {}) {
    this.#utf8 = Buffer.alloc(room.bytes ?? 0);
    this.#offsets = new Int32Array((room.items ?? 0) + 1);
    this.#reserveSlots(room.items ?? 0);
  }

  /**
   * A fresh table.
   * @throws ItemIdError if an id is there twice, has half a surrogate pair, or the ids would take 2 GiB.
   */
  static from(ids: Iterable<string>): ItemIdTable {
    if (ids instanceof ItemIdTable) {
      const table = new ItemIdTable({ items: ids.length, bytes: ids.packed.utf8.length });
      table.append(ids.packed);
      return table;
    }
    const table = new ItemIdTable();
    for (const id of ids) {
      const index = table.length;
      if (table.add(id) < index) throw repeated(id, index);
    }
    table.#trim();
    return table;
  }

  /**
   * The ids as a table: themselves if they are one, else a fresh one.
   * @throws ItemIdError as `from`.
   */
  static of(ids: ItemIds): ItemIdTable {
    return ids instanceof ItemIdTable ? ids : ItemIdTable.from(ids);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of the arrays. */
  get byteLength(): number {
    return this.#utf8.byteLength + this.#offsets.byteLength + this.#slots.byteLength;
  }

  /** Views of all ids, valid until one is added; not to be written to. */
  get packed(): PackedIds {
    const offsets = this.#offsets.subarray(0, this.#length + 1);
    return { utf8: this.#utf8.subarray(0, offsets[this.#length]), offsets };
  }

  at(index: number): string | undefined {
    const item = fromEnd(index, this.#length);
    return item >= 0 && item < this.#length ? this.#text(item) : undefined;
  }

  indexOf(itemId: string): number {
    if (typeof itemId !== 'string' || itemId.length > this.#longest) return -1;
    if (this.#wanted.length < 3 * itemId.length) this.#wanted = Buffer.alloc(3 * itemId.length);
    const bytes = this.#wanted.write(itemId, 0);
    if (isHalved(itemId, bytes)) return -1;
    const slot = this.#slotOf(halfSipHash(this.#wanted, 0, bytes, this.#key), this.#wanted, 0, bytes);
    return this.#itemIn(slot);
  }

  slice(start = 0, end: number = this.#length): string[] {
    const [from, to] = [start, end].map((bound) => Math.max(0, fromEnd(bound, this.#length)));
    const length = Math.max(0, Math.min(to, this.#length) - from);
    return Array.from({ length }, (_, index) => this.#text(from + index));
  }

  *[Symbol.iterator](): Generator<string, undefined> {
    for (let item = 0; item < this.#length; item++) yield this.#text(item);
    return undefined;
  }

  /**
   * Adds an id at the end, unless it is there.
   *
   * @returns its item index.
   * @throws ItemIdError if it has half a surrogate pair, or the ids would take 2 GiB.
   */
  add(itemId: string): number {
    if (typeof itemId !== 'string') {
      throw new TypeError(`ItemIdTable: "itemId" expected a text, got ${itemId}, at index ${this.#length}`);
    }
    this.#reserve(1, Buffer.byteLength(itemId));
    const start = this.#offsets[this.#length];
    const bytes = this.#utf8.write(itemId, start);
    if (isHalved(itemId, bytes)) throw notText(`half a surrogate pair in ${show(itemId)}`, this.#length);
    return this.#claim(start + bytes);
  }

  /**
   * Adds ids at the end, all of them new, without making a text of any.
   *
   * @param ids - copied.
   * @throws ItemIdError if an id is there twice or is not UTF-8, the offsets do not rise within the bytes, or the ids
   *   would take 2 GiB; ids before that one may have been added.
   */
  append({ utf8, offsets }: PackedIds): void {
    const count = offsets.length - 1;
    if (count < 1) return;
    checkOffsets(offsets, utf8.length, this.#length);
    this.#reserve(count, offsets[count] - offsets[0]);
    checkUtf8(utf8, offsets, this.#length);
    const shift = this.#offsets[this.#length] - offsets[0];
    this.#utf8.set(utf8.subarray(offsets[0], offsets[count]), offsets[0] + shift);
    for (let id = 0; id < count; id++) {
      const index = this.#length;
      const item = this.#claim(offsets[id + 1] + shift);
      if (item < index) throw repeated(this.#text(item), index);
    }
  }

  /** Makes an item of the bytes behind the last one, unless there is one of the same. @returns its index. */
  #claim(end: number): number {
    const item = this.#length;
    const start = this.#offsets[item];
    const hash = halfSipHash(this.#utf8, start, end, this.#key);
    const slot = this.#slotOf(hash, this.#utf8, start, end);
    if (this.#slots[slot] !== 0) return this.#itemIn(slot);
    this.#fill(slot, hash, item);
    this.#offsets[item + 1] = end;
    this.#longest = Math.max(this.#longest, end - start);
    return this.#length++;
  }

  /** The slot that some bytes are in, or the free one where they would be. */
  #slotOf(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const slots = this.#slots;
    const low = slots.length - 1;
    let slot = hash & low;
    for (; slots[slot] !== 0; slot = (slot + 1) & low) {
      const sameHash = ((slots[slot] ^ hash) & ~low) === 0;
      if (sameHash && this.#equals(this.#itemIn(slot), bytes, from, to)) break;
    }
    return slot;
  }

  /** −1 in a free slot. */
  #itemIn(slot: number): number {
    return (this.#slots[slot] & (this.#slots.length - 1)) - 1;
  }

  #fill(slot: number, hash: number, item: number): void {
    this.#slots[slot] = (hash & -this.#slots.length) | (item + 1);
  }

  #equals(item: number, bytes: Uint8Array, from: number, to: number): boolean {
    const utf8 = this.#utf8;
    const start = this.#offsets[item];
    if (this.#offsets[item + 1] - start !== to - from) return false;
    for (let at = from, own = start; at < to; at++, own++) if (utf8[own] !== bytes[at]) return false;
    return true;
  }

  #text(item: number): string {
    return this.#utf8.toString('utf8', this.#offsets[item], this.#offsets[item + 1]);
  }

  #reserve(items: number, bytes: number): void {
    const used = this.#offsets[this.#length];
    if (used + bytes > MOST_BYTES) {
      throw new ItemIdError('full', this.#length, { expected: 'less than 2 GiB of ids', got: 'more' });
    }
    if (used + bytes > this.#utf8.length) {
      const utf8 = Buffer.alloc(Math.min(MOST_BYTES, Math.max(used + bytes, 2 * used)));
      utf8.set(this.#utf8.subarray(0, used));
      this.#utf8 = utf8;
    }
    const count = this.#length + items;
    if (count + 1 > this.#offsets.length) {
      const offsets = new Int32Array(Math.max(count, 2 * this.#length) + 1);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
    }
    this.#reserveSlots(count);
  }

  #reserveSlots(items: number): void {
    let slots = this.#slots.length;
    while (items > LOAD * slots) slots *= 2;
    if (slots === this.#slots.length) return;
    this.#slots = new Int32Array(slots);
    for (let item = 0; item < this.#length; item++) {
      const hash = halfSipHash(this.#utf8, this.#offsets[item], this.#offsets[item + 1], this.#key);
      let slot = hash & (slots - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (slots - 1);
      this.#fill(slot, hash, item);
    }
  }

  /** Gives back what is not used. */
  #trim(): void {
    this.#utf8 = Buffer.from(this.packed.utf8);
    this.#offsets = this.#offsets.slice(0, this.#length + 1);
  }
}

/** As arrays take an index. */
function fromEnd(index: number, length: number): number {
  const whole = Math.trunc(index) || 0;
  return whole < 0 ? whole + length : whole;
}

/** Whether a text has half a surrogate pair, for which there are no bytes. */
function isHalved(text: string, bytes: number): boolean {
  return bytes > text.length && /\p{Surrogate}/u.test(text);
}

function checkOffsets(offsets: Int32Array, bytes: number, first: number): void {
  let before = 0;
  for (let id = 0; id < offsets.length; id++) {
    const offset = offsets[id];
    if (offset < before || offset > bytes) {
      const index = first + Math.max(0, id - 1);
      const expected = `offsets that rise within ${bytes} bytes`;
      throw new ItemIdError('offsets', index, { expected, got: `${offset} after ${before}` });
    }
    before = offset;
  }
}

/** One look at all bytes; an id by itself is sound if it begins where a character does. */
function checkUtf8(utf8: Uint8Array, offsets: Int32Array, first: number): void {
  const count = offsets.length - 1;
  let sound = isUtf8(utf8.subarray(offsets[0], offsets[count]));
  for (let id = 1; id < count && sound; id++) sound = (utf8[offsets[id]] & 0xc0) !== 0x80;
  for (let id = 0; id < count && !sound; id++) {
    if (!isUtf8(utf8.subarray(offsets[id], offsets[id + 1]))) throw notText('other bytes', first + id);
  }
}

function notText(got: string, index: number): ItemIdError {
  return new ItemIdError('not-text', index, { expected: 'UTF-8', got });
}

function repeated(itemId: string, index: number): ItemIdError {
  return new ItemIdError('repeated', index, { expected: 'no two alike', got: `${show(itemId)} twice` });
}

/** An id in a message: quoted and cut. */
function show(itemId: string): string {
  return JSON.stringify(itemId.length > 80 ? `${itemId.slice(0, 80)}…` : itemId);
}
