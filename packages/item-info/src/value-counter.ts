/** Distinct values to count at once; a value of 20 letters takes about 100 bytes. */
const MOST_COUNTED = 1 << 18;

/**
 * Counts values within bounded memory: of more than 262,144 distinct ones, the least frequent so far are forgotten, so that
 * counts of rare values are then too low.
 */
export class ValueCounter {
  readonly #counts = new Map<string, number>();
  readonly #most: number;
  /** Values forgotten had at most this count. */
  #forgotten = 0;
  /** Distinct values; one that was forgotten and occurs again counts twice. */
  distinct = 0;

  constructor(most: number = MOST_COUNTED) {
    this.#most = most;
  }

  add(value: string): void {
    const count = this.#counts.get(value);
    if (count === undefined) {
      this.distinct++;
      if (this.#counts.size >= this.#most) this.#forget();
    }
    this.#counts.set(value, (count ?? 0) + 1);
  }

  /** The values of at least `least` occurrences, frequent ones first, equally frequent ones by code units; at most `most`. */
  frequent(least: number, most: number): string[] {
    return [...this.#counts]
      .filter(([, count]) => count >= least)
      .sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([value]) => value);
  }

  #forget(): void {
    while (this.#counts.size > this.#most / 2) {
      this.#forgotten++;
      for (const [value, count] of this.#counts) {
        if (count <= this.#forgotten) this.#counts.delete(value);
      }
    }
  }
}
