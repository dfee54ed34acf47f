import { SessionHistory } from '@gru4rec/batcher';

/**
 * The last distinct items of a session as the end of its state. An item is stored as the bits of its index + 1, so that
 * zeros are an empty history and a state can be copied and kept as floats.
 */
export class StateHistory {
  /** Items, and numbers of the state. */
  readonly length: number;
  readonly #start: number;
  readonly #row: SessionHistory;

  /** @param start - numbers of the state before the history. */
  constructor(start: number, length: number) {
    this.length = length;
    this.#start = start;
    this.#row = new SessionHistory(1, length);
  }

  /** [length] the most recent first, −1 where there are fewer (fresh). */
  items(state: Float32Array): Int32Array {
    return this.#stored(state).map((word) => word - 1);
  }

  /** Adds the item of the session's next event. */
  add(state: Float32Array, item: number): void {
    if (this.length === 0) return;
    this.#row.items.set(this.items(state));
    this.#row.add(0, item);
    const stored = this.#stored(state);
    for (const [place, last] of this.#row.items.entries()) stored[place] = last + 1;
  }

  #stored({ buffer, byteOffset }: Float32Array): Int32Array {
    return new Int32Array(buffer, byteOffset + 4 * this.#start, this.length);
  }
}
