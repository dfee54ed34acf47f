/**
 * Score rows [slots × I] that all start as one base row and differ from it in few places: a step writes what has
 * changed and takes back what no longer holds, O(changes) instead of O(I).
 */
export class ScoreRows {
  /** [slots × I], row-major. */
  readonly scores: Float64Array;
  readonly #base: Float64Array;
  readonly #slots: number;
  /** Per slot, the items whose score is not that of the base row. */
  readonly #changed: readonly Set<number>[];

  /** @param base - [I], the scores of a fresh slot. Read only, kept. */
  constructor(base: Float64Array, slots: number) {
    if (!Number.isInteger(slots) || slots < 1) {
      throw new RangeError(`open: "slots" expected integer >= 1, got ${slots}.`);
    }
    this.scores = new Float64Array(slots * base.length);
    for (let slot = 0; slot < slots; slot++) this.scores.set(base, slot * base.length);
    this.#base = base;
    this.#slots = slots;
    this.#changed = Array.from({ length: slots }, () => new Set());
  }

  /** @throws RangeError if `input` has not an item index or −1 for every slot. */
  checkInput(input: Int32Array): void {
    if (input.length !== this.#slots) {
      throw new RangeError(`step: "input" expected ${this.#slots} entries, got ${input.length}.`);
    }
    for (let slot = 0; slot < input.length; slot++) {
      if (input[slot] >= -1 && input[slot] < this.#base.length) continue;
      throw new RangeError(
        `step: "input" expected integer in [-1, ${this.#base.length}) at slot ${slot}, got ${input[slot]}.`,
      );
    }
  }

  get(slot: number, item: number): number {
    return this.scores[slot * this.#base.length + item];
  }

  set(slot: number, item: number, score: number): void {
    this.scores[slot * this.#base.length + item] = score;
    this.#changed[slot].add(item);
  }

  /** Makes a slot's row the base row again. */
  restore(slot: number): void {
    const start = slot * this.#base.length;
    for (const item of this.#changed[slot]) this.scores[start + item] = this.#base[item];
    this.#changed[slot].clear();
  }
}
