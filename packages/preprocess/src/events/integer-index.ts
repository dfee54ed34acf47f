import type { PackedIds } from '@gru4rec/dataset/ids';

const MIN_KEYS = 1024;
const MAX_CHARACTERS = 20;
const [MINUS, ZERO] = [45, 48] as const;
const encoder = new TextEncoder();

export type Integers = Int32Array | BigInt64Array | Float64Array;

/** Distinct 64-bit integers, from 0 as they come. A `Map` takes several times as long and as much memory. */
export class IntegerIndex {
  #length = 0;
  /** [capacity] low and high halves of the integers, by number. */
  #low: Int32Array;
  #high: Int32Array;
  /** [2 × capacity] number + 1; 0 marks a free slot. */
  #slots: Int32Array;
  /** Random and odd, so that nobody can choose ids that collide. The numbers do not depend on it. */
  readonly #factors = crypto.getRandomValues(new Int32Array(2)).map((word) => word | 1);

  /** @param expected - distinct integers to allocate memory for; the index grows. */
  constructor(expected = 0) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(expected, MIN_KEYS)));
    this.#low = new Int32Array(capacity);
    this.#high = new Int32Array(capacity);
    this.#slots = new Int32Array(2 * capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Only for integers of 32 bits. */
  value(number: number): number {
    return this.#low[number] as number;
  }

  text(number: number): string {
    const [low, high] = [this.#low[number] as number, this.#high[number] as number];
    if (high === low >> 31) return String(low);
    return String((BigInt(high) << 32n) | BigInt(low >>> 0));
  }

  pack(numbers: Int32Array): PackedIds {
    const utf8 = new Uint8Array(MAX_CHARACTERS * numbers.length);
    const offsets = new Int32Array(numbers.length + 1);
    let end = 0;
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] as number;
      const low = this.#low[number] as number;
      if (this.#high[number] === low >> 31) end = writeInteger(low, utf8, end);
      else end += encoder.encodeInto(this.text(number), utf8.subarray(end)).written;
      offsets[index + 1] = end;
    }
    return { utf8, offsets };
  }

  add(values: Integers, into: Int32Array, at: number): void {
    if (values instanceof Int32Array) {
      for (let i = 0; i < values.length; i++) {
        const low = values[i] as number;
        into[at + i] = this.#number(low, low >> 31);
      }
      return;
    }
    if (values instanceof Float64Array) {
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as number;
        into[at + i] = this.#number(value | 0, Math.floor(value / 2 ** 32));
      }
      return;
    }
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let i = 0; i < values.length; i++) {
      into[at + i] = this.#number(halves[2 * i] as number, halves[2 * i + 1] as number);
    }
  }

  #number(low: number, high: number): number {
    const slot = this.#slotOf(low, high);
    const entry = this.#slots[slot] as number;
    if (entry !== 0) return entry - 1;
    const number = this.#length++;
    this.#low[number] = low;
    this.#high[number] = high;
    this.#slots[slot] = number + 1;
    if (this.#length === this.#low.length) this.#grow();
    return number;
  }

  /** Or the free slot where it belongs. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    const mixed = Math.imul(low ^ Math.imul(high, this.#factors[0] as number), this.#factors[1] as number);
    for (let slot = (mixed ^ (mixed >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] as number) - 1;
      if (number === -1 || (this.#low[number] === low && this.#high[number] === high)) return slot;
    }
  }

  #grow(): void {
    const capacity = 2 * this.#length;
    this.#low = resized(this.#low, capacity);
    this.#high = resized(this.#high, capacity);
    this.#slots = new Int32Array(2 * capacity);
    for (let number = 0; number < this.#length; number++) {
      this.#slots[this.#slotOf(this.#low[number] as number, this.#high[number] as number)] = number + 1;
    }
  }
}

function resized(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}

/** @returns the end of the text. */
function writeInteger(integer: number, utf8: Uint8Array, from: number): number {
  let rest = Math.abs(integer);
  let end = from;
  if (integer < 0) utf8[end++] = MINUS;
  for (let power = 10; power <= rest; power *= 10) end++;
  for (let at = end; at >= from + Number(integer < 0); at--) {
    const tenth = Math.floor(rest / 10);
    utf8[at] = ZERO + rest - 10 * tenth;
    rest = tenth;
  }
  return end + 1;
}
