/** The row of scores from which other rows differ in a few items, and its order. All sessions of a scorer share it. */
export class BaseRow {
  /** [I]. Read only. */
  readonly scores: Float64Array;
  #order: Int32Array | undefined;
  #sorted: Float64Array | undefined;

  /** @param scores - [I], none NaN. Read only, kept. */
  constructor(scores: Float64Array) {
    this.scores = scores;
  }

  /** [I] items, best first, equal scores by ascending item. Sorted at the first access. */
  get order(): Int32Array {
    const { scores } = this;
    this.#order ??= new Int32Array(scores.length)
      .map((_, item) => item)
      .sort((a, b) => scores[b] - scores[a] || a - b);
    return this.#order;
  }

  /** Number of items with a greater score. */
  above(score: number): number {
    return this.#countWhile((other) => other > score);
  }

  /** Number of items with this score. */
  equalTo(score: number): number {
    return this.#countWhile((other) => other >= score) - this.above(score);
  }

  /** Number of the best items that fulfil a condition, which must hold for a prefix of the order and nothing else. */
  #countWhile(holds: (score: number) => boolean): number {
    this.#sorted ??= Float64Array.from(this.order, (item) => this.scores[item]);
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#sorted[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
