/**
 * The last distinct items of some sessions, one row per slot: the most recent first, −1 where there are fewer. An item
 * that a row holds already moves to the front.
 */
export class SessionHistory {
  /** Items per slot. */
  readonly length: number;
  /** [slots × length], row-major; changed in place. */
  readonly items: Int32Array;

  constructor(slots: number, length: number) {
    this.length = length;
    this.items = new Int32Array(slots * length).fill(-1);
  }

  /** Forgets the items of a slot. */
  clear(slot: number): void {
    const start = slot * this.length;
    this.items.fill(-1, start, start + this.length);
  }

  /** Adds the next item of a slot's session. */
  add(slot: number, item: number): void {
    const { items, length } = this;
    const start = slot * length;
    let next = item;
    for (let at = start; at < start + length; at++) {
      const before = items[at];
      items[at] = next;
      if (before === item || before === -1) return;
      next = before;
    }
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
