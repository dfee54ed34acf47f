/** The row of scores that most rows are like but for a few items, and its order. Kept by all sessions of a scorer. */
export class BaseRow {
  /** [I]. Not to be written to. */
  readonly scores: Float64Array;
  #order: Int32Array | undefined;
  #sorted: Float64Array | undefined;

  /** @param scores - [I], none NaN. Read only, kept. */
  constructor(scores: Float64Array) {
    this.scores = scores;
  }

  /** [I] items, best first, equal scores by ascending item. Sorted when it is first asked for. */
  get order(): Int32Array {
    const { scores } = this;
    this.#order ??= new Int32Array(scores.length)
      .map((_, item) => item)
      .sort((a, b) => scores[b] - scores[a] || a - b);
    return this.#order;
  }

  /** Items of a greater score. */
  above(score: number): number {
    return this.#countWhile((other) => other > score);
  }

  /** Items of this score. */
  equalTo(score: number): number {
    return this.#countWhile((other) => other >= score) - this.above(score);
  }

  /** How many of the best items fulfil what, going down, holds for all scores up to one and for none after. */
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
