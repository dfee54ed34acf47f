import { show } from '@gru4rec/checks';
import { utf8 as codec } from '#utf8';

/** The caller's item ids by item index: an `ItemIdTable` or an array, whose `indexOf` searches all ids (see `ItemIdTable.of`). */
export interface ItemIds extends Iterable<string> {
  readonly length: number;
  /** Negative indices count from the end, as in an array. */
  at(index: number): string | undefined;
  /** −1 if the id is unknown. */
  indexOf(itemId: string): number;
  /** A new array; bounds as in `Array.prototype.slice`. */
  slice(start?: number, end?: number): string[];
}

/** Ids as bytes: the buffers of an Arrow `Utf8` column without its padding. */
export interface PackedIds {
  /** The bytes of all ids, one after the other. */
  readonly utf8: Uint8Array;
  /** [ids + 1]: id i is bytes `offsets[i]` to `offsets[i + 1] − 1`. */
  readonly offsets: Int32Array;
}

/** A table in shared memory, to be sent to another thread; see `ItemIdTable.share`. */
export interface SharedIds extends PackedIds {
  readonly slots: Int32Array;
  readonly key: Int32Array;
  readonly longest: number;
}

/**
 * The table has the id (`repeated`), it is not valid Unicode (`not-text`), its offsets are out of order or bounds (`offsets`),
 * or the ids would take 2 GiB (`full`).
 */
export type ItemIdFault = 'repeated' | 'not-text' | 'offsets' | 'full';

/** An id that cannot be added to an `ItemIdTable`. */
export class ItemIdError extends RangeError {
  override readonly name = 'ItemIdError';
  readonly fault: ItemIdFault;
  /** Item index that the id would have had. */
  readonly index: number;
  readonly expected: string;
  readonly got: string;

  constructor(fault: ItemIdFault, index: number, { expected, got }: { expected: string; got: string }) {
    super(`ItemIdTable: "itemId" expected ${expected}, got ${got}, at index ${index}`);
    this.fault = fault;
    this.index = index;
    this.expected = expected;
    this.got = got;
  }
}

/** Offsets are int32, as in Arrow. */
const MAX_BYTES = 2 ** 31 - 1;
/** Largest part of the hash table's slots that may be in use. */
const MAX_LOAD = 0.7;
const MIN_SLOTS = 16;

/**
 * Unique item ids in three typed arrays: UTF-8 bytes, offsets, and a hash table with open addressing. An id never changes its
 * index.
 */
export class ItemIdTable implements ItemIds {
  #utf8: Uint8Array;
  #offsets: Int32Array;
  /** [2^k]: item index + 1 in the low k bits and the hash's upper bits in the others; 0 marks a free slot. */
  #slots: Int32Array = new Int32Array(MIN_SLOTS);
  #length = 0;
  #longest = 0;
  #lookup: Uint8Array = codec.allocate(0);
  /** Random, but affects only which slots ids hash to. */
  #key: Int32Array = crypto.getRandomValues(new Int32Array(2));

  /** @param capacity - the items and bytes of UTF-8 to allocate memory for; the table grows. */
  constructor(capacity: { readonly items?: number; readonly bytes?: number } = {}) {
    this.#utf8 = codec.allocate(capacity.bytes ?? 0);
    this.#offsets = new Int32Array((capacity.items ?? 0) + 1);
    this.#reserveSlots(capacity.items ?? 0);
  }

  /**
   * Copies ids into a new table.
   * @throws ItemIdError if an id is repeated or has a lone surrogate, or if the ids would take 2 GiB.
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

  /** The ids as a table: `ids` itself if it is one, otherwise a new one. @throws ItemIdError under the conditions of `from`. */
  static of(ids: ItemIds): ItemIdTable {
    return ids instanceof ItemIdTable ? ids : ItemIdTable.from(ids);
  }

  /** A copy in shared memory, which `ItemIdTable.open` opens in any thread without another copy. */
  share(): SharedIds {
    const { utf8, offsets } = this.packed;
    return {
      utf8: sharedCopy(Uint8Array, utf8),
      offsets: sharedCopy(Int32Array, offsets),
      slots: sharedCopy(Int32Array, this.#slots),
      key: this.#key,
      longest: this.#longest,
    };
  }

  /** Opens a table in shared memory. Adding an id would change the table of other threads. */
  static open({ utf8, offsets, slots, key, longest }: SharedIds): ItemIdTable {
    const table = new ItemIdTable();
    table.#utf8 = codec.view(utf8);
    table.#offsets = offsets;
    table.#slots = slots;
    table.#key = key;
    table.#longest = longest;
    table.#length = offsets.length - 1;
    return table;
  }

  /** Number of ids. */
  get length(): number {
    return this.#length;
  }

  /** Read-only views of all ids, valid until the next id is added. */
  get packed(): PackedIds {
    const offsets = this.#offsets.subarray(0, this.#length + 1);
    return { utf8: this.#utf8.subarray(0, offsets[this.#length]), offsets };
  }

  at(index: number): string | undefined {
    const item = absoluteIndex(index, this.#length);
    return item >= 0 && item < this.#length ? this.#text(item) : undefined;
  }

  indexOf(itemId: string): number {
    if (typeof itemId !== 'string' || itemId.length > this.#longest) return -1;
    if (this.#lookup.length < 3 * itemId.length) this.#lookup = codec.allocate(3 * itemId.length);
    const bytes = codec.write(this.#lookup, itemId, 0);
    if (hasLoneSurrogate(itemId, bytes)) return -1;
    const slot = this.#slotOf(halfSipHash(this.#lookup, 0, bytes, this.#key), this.#lookup, 0, bytes);
    return this.#itemIn(slot);
  }

  slice(start = 0, end: number = this.#length): string[] {
    const [from, to] = [start, end].map((bound) => Math.max(0, absoluteIndex(bound, this.#length)));
    const length = Math.max(0, Math.min(to, this.#length) - from);
    return Array.from({ length }, (_, index) => this.#text(from + index));
  }

  /** The ids in order of their index, each decoded when it is reached. */
  *[Symbol.iterator](): Generator<string, undefined> {
    for (let item = 0; item < this.#length; item++) yield this.#text(item);
    return undefined;
  }

  /**
   * Appends an id unless the table has it already. @returns its item index.
   * @throws TypeError if it is not a string, ItemIdError if it has a lone surrogate, or if the ids would take 2
   * GiB.
   */
  add(itemId: string): number {
    if (typeof itemId !== 'string') {
      throw new TypeError(`ItemIdTable: "itemId" expected a string, got ${itemId}, at index ${this.#length}`);
    }
    this.#reserve(1, codec.byteLength(itemId));
    const start = this.#offsets[this.#length];
    const bytes = codec.write(this.#utf8, itemId, start);
    if (hasLoneSurrogate(itemId, bytes)) {
      throw loneSurrogate(itemId, this.#length);
    }
    return this.#intern(start + bytes);
  }

  /**
   * Appends ids that are all new, without making a string of any.
   * @param ids - copied.
   * @throws ItemIdError if an id is repeated or is not UTF-8, if the offsets decrease or leave the bytes, or if
   * the ids would take 2 GiB. The ids before a repeated one are added.
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
      const item = this.#intern(offsets[id + 1] + shift);
      if (item < index) throw repeated(this.#text(item), index);
    }
  }

  /** The bytes from the last id's end to `end`, unless an equal id exists. @returns its index. */
  #intern(end: number): number {
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

  /** Or the free slot where the id would go. */
  #slotOf(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const sameHash = ((slots[slot] ^ hash) & ~mask) === 0;
      if (sameHash && this.#equals(this.#itemIn(slot), bytes, from, to)) break;
    }
    return slot;
  }

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
    for (let at = from, stored = start; at < to; at++, stored++) if (utf8[stored] !== bytes[at]) return false;
    return true;
  }

  #text(item: number): string {
    return codec.text(this.#utf8, this.#offsets[item], this.#offsets[item + 1]);
  }

  #reserve(items: number, bytes: number): void {
    const used = this.#offsets[this.#length];
    if (used + bytes > MAX_BYTES) {
      throw new ItemIdError('full', this.#length, { expected: 'less than 2 GiB of ids', got: 'more' });
    }
    if (used + bytes > this.#utf8.length) {
      const utf8 = codec.allocate(Math.min(MAX_BYTES, Math.max(used + bytes, 2 * used)));
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
    while (items > MAX_LOAD * slots) slots *= 2;
    if (slots === this.#slots.length) return;
    this.#slots = new Int32Array(slots);
    for (let item = 0; item < this.#length; item++) {
      const hash = halfSipHash(this.#utf8, this.#offsets[item], this.#offsets[item + 1], this.#key);
      let slot = hash & (slots - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (slots - 1);
      this.#fill(slot, hash, item);
    }
  }

  #trim(): void {
    const { utf8 } = this.packed;
    this.#utf8 = codec.allocate(utf8.length);
    this.#utf8.set(utf8);
    this.#offsets = this.#offsets.slice(0, this.#length + 1);
  }
}

/** As arrays read it: truncated, and counted from the end if negative. */
function absoluteIndex(index: number, length: number): number {
  const whole = Math.trunc(index) || 0;
  return whole < 0 ? whole + length : whole;
}

function sharedCopy<A extends Uint8Array | Int32Array>(
  type: new (buffer: SharedArrayBuffer) => A,
  values: A,
): A {
  const copy = new type(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** UTF-8 cannot encode it. `bytes` is the text's length as Node encodes it. */
function hasLoneSurrogate(text: string, bytes: number): boolean {
  return bytes > text.length && /\p{Surrogate}/u.test(text);
}

/** @throws ItemIdError if the offsets decrease or leave the bytes. `first` is the index of the first id. */
function checkOffsets(offsets: Int32Array, bytes: number, first: number): void {
  let before = 0;
  for (let id = 0; id < offsets.length; id++) {
    const offset = offsets[id];
    if (offset < before || offset > bytes) {
      const index = first + Math.max(0, id - 1);
      const expected = `non-decreasing offsets up to ${bytes}`;
      throw new ItemIdError('offsets', index, { expected, got: `${offset} after ${before}` });
    }
    before = offset;
  }
}

/**
 * If all bytes together are UTF-8, each id is when it starts where a character starts.
 * @throws ItemIdError if one is not. `first` is the index of the first id.
 */
function checkUtf8(utf8: Uint8Array, offsets: Int32Array, first: number): void {
  const count = offsets.length - 1;
  let valid = codec.isUtf8(utf8.subarray(offsets[0], offsets[count]));
  for (let id = 1; id < count && valid; id++) valid = (utf8[offsets[id]] & 0xc0) !== 0x80;
  for (let id = 0; id < count && !valid; id++) {
    if (!codec.isUtf8(utf8.subarray(offsets[id], offsets[id + 1])))
      throw notText('invalid bytes', first + id);
  }
}

function notText(got: string, index: number): ItemIdError {
  return new ItemIdError('not-text', index, { expected: 'UTF-8', got });
}

function loneSurrogate(itemId: string, index: number): ItemIdError {
  return notText(`a lone surrogate in ${show(itemId)}`, index);
}

function repeated(itemId: string, index: number): ItemIdError {
  return new ItemIdError('repeated', index, { expected: 'unique ids', got: `${show(itemId)} twice` });
}

/**
 * HalfSipHash-1-3 of the bytes `from` to `to` − 1 (Aumasson, Bernstein 2012, https://github.com/veorq/SipHash;
 * constants as in its `halfsiphash.c`). Without the key, nobody can choose ids that collide.
 * @param key - two words.
 * @returns a signed 32-bit integer.
 */
export function halfSipHash(bytes: Uint8Array, from: number, to: number, key: Int32Array): number {
  const words = (to - from) >> 2;
  let [v0, v1] = [key[0], key[1]];
  let [v2, v3] = [v0 ^ 0x6c796765, v1 ^ 0x74656462];
  // One round per whole word, one for the remaining bytes and the length, and three to finish.
  for (let round = 0; round < words + 4; round++) {
    const word =
      round > words ? 0 : round === words ? lastWord(bytes, from, to) : wordAt(bytes, from + 4 * round);
    if (round === words + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The remaining 0 to 3 bytes, and the length modulo 256 in the top byte. */
function lastWord(bytes: Uint8Array, from: number, to: number): number {
  let word = (to - from) << 24;
  for (let at = from + ((to - from) & ~3), bits = 0; at < to; at++, bits += 8) word |= bytes[at] << bits;
  return word;
}
