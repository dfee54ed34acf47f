/**
 * The last distinct items of some sessions and how often each was clicked, one row per slot: the most recent first, −1 and
 * 0 where there are fewer. An item that a row holds already moves to the front.
 */
export class SessionHistory {
  /** Items per slot. */
  readonly length: number;
  /** [slots × length], row-major; changed in place. */
  readonly items: Int32Array;
  /** [slots × length] clicks of each item since it came into the row; changed in place. */
  readonly counts: Int32Array;

  constructor(slots: number, length: number) {
    this.length = length;
    this.items = new Int32Array(slots * length).fill(-1);
    this.counts = new Int32Array(slots * length);
  }

  /** Forgets the items of a slot. */
  clear(slot: number): void {
    const start = slot * this.length;
    this.items.fill(-1, start, start + this.length);
    this.counts.fill(0, start, start + this.length);
  }

  /** Adds the next item of a slot's session. */
  add(slot: number, item: number): void {
    const { items, counts, length } = this;
    const start = slot * length;
    const place = items.subarray(start, start + length).indexOf(item);
    const end = place < 0 ? length - 1 : place;
    const count = place < 0 ? 1 : counts[start + place] + 1;
    items.copyWithin(start + 1, start, start + end);
    counts.copyWithin(start + 1, start, start + end);
    items[start] = item;
    counts[start] = count;
  }

  /**
   * Follows one step of sessions in all slots.
   * @param input - [slots] the item of each slot's session, −1 where it has none.
   * @param resetMask - [slots] 1 where a session starts.
   */
  follow(input: Int32Array, resetMask: Float32Array): void {
    for (let slot = 0; slot < input.length; slot++) {
      if (resetMask[slot] === 1) this.clear(slot);
      if (input[slot] >= 0) this.add(slot, input[slot]);
    }
  }
}
