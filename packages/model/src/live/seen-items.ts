/** Type of the clicks that are purchases, if no other is given. */
export const PURCHASE = 'purchase';

const FIRST_ROOM = 8;

/** Distinct item indices of a session; beyond the limit, only the latest. */
export class SeenItems {
  readonly #limit: number;
  #items = new Int32Array(FIRST_ROOM);
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of items held. */
  get size(): number {
    return this.#count;
  }

  add(item: number): void {
    const at = this.#held.indexOf(item);
    if (at >= 0) this.#remove(at);
    else if (this.#count === this.#limit) this.#remove(0);
    else if (this.#count === this.#items.length) this.#grow();
    this.#items[this.#count++] = item;
  }

  /** A fresh set. */
  toSet(): Set<number> {
    return new Set(this.#held);
  }

  get #held(): Int32Array {
    return this.#items.subarray(0, this.#count);
  }

  #remove(at: number): void {
    this.#items.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  #grow(): void {
    const grown = new Int32Array(Math.min(this.#limit, 2 * this.#count));
    grown.set(this.#items);
    this.#items = grown;
  }
}
