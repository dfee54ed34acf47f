/** Items that an answer may contain, by index. */
export class AllowedItems {
  /** [⌈I / 32⌉] bit i mod 32 of word ⌊i / 32⌋ is 1 if item i is allowed. Not copied. */
  readonly bits: Int32Array;
  /** The number of bits that are 1. */
  readonly count: number;

  constructor(bits: Int32Array, count: number) {
    this.bits = bits;
    this.count = count;
  }

  /** The bits of items, which may occur twice. @param itemCount - I. */
  static of(items: Iterable<number>, itemCount: number): AllowedItems {
    const bits = new Int32Array(Math.ceil(itemCount / 32));
    let count = 0;
    for (const item of items) {
      if (hasBit(bits, item)) continue;
      bits[item >> 5] |= 1 << (item & 31);
      count++;
    }
    return new AllowedItems(bits, count);
  }

  /** Whether an item is allowed. */
  has(item: number): boolean {
    return hasBit(this.bits, item);
  }

  /** Ascending. */
  items(): Int32Array {
    const items = new Int32Array(this.count);
    let at = 0;
    for (const [word, bits] of this.bits.entries())
      for (let left = bits; left !== 0; left &= left - 1)
        items[at++] = 32 * word + 31 - Math.clz32(left & -left);
    return items;
  }
}

/** @param bits - as those of `AllowedItems`. */
export function hasBit(bits: Int32Array, item: number): boolean {
  return ((bits[item >> 5] >> (item & 31)) & 1) === 1;
}
