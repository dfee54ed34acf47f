import { nanScore } from './rank.ts';
import type { Scores } from './worst-first.ts';

/** The items that may be recommended. Reduces rows of scores to the candidates, one column each. */
export class Candidates {
  /** [C] item indices, ascending, each once: the item of each column. Must not be written to. */
  readonly items: Int32Array;
  /** [I] column of each item, −1 for other items. */
  readonly #columns: Int32Array;
  readonly #row: Float64Array;

  /**
   * @param items - item indices below `itemCount`, in any order; repeated ones count once. Read only.
   * @param itemCount - I.
   */
  constructor(items: Int32Array, itemCount: number) {
    this.items = Int32Array.from(new Set(items)).sort();
    this.#columns = new Int32Array(itemCount).fill(-1);
    for (const [column, item] of this.items.entries()) this.#columns[item] = column;
    this.#row = new Float64Array(this.items.length);
  }

  has(item: number): boolean {
    return this.#columns[item] >= 0;
  }

  /** Column of an item; −1 if it is not a candidate. */
  columnOf(item: number): number {
    return this.#columns[item];
  }

  /**
   * @param scores - [I]. Read only.
   * @returns [C] the candidates' scores; reused until the next call.
   * @throws RangeError if a candidate has the score NaN.
   */
  pick(scores: Scores): Float64Array {
    for (let column = 0; column < this.items.length; column++) {
      const score = scores[this.items[column]];
      if (Number.isNaN(score)) throw nanScore(this.items[column]);
      this.#row[column] = score;
    }
    return this.#row;
  }
}
