import type { BaseRow } from './base-row.ts';
import type { ChangedItems } from './changed-items.ts';
import { kthGreatest } from './kth-greatest.ts';

/** A row as the items that differ from a base row, and the best of the others. */
export interface SparseRow {
  /** Item indices in no order, and their scores. */
  readonly items: Int32Array;
  readonly scores: Float64Array;
  /** The greatest score of all other items; −Infinity if there are none. */
  readonly others: number;
  /** [I] the scores of all other items. */
  readonly base: Float64Array;
  /** The greatest and the k-th greatest score of the row. */
  readonly best: number;
  readonly least: number;
}

/** Ranks rows that differ from a base row in few items, with the same result as ranking whole rows. */
export class RowRanking {
  readonly #base: BaseRow;
  /** [I] number of the last row in which the item was changed. */
  readonly #changedIn: Int32Array;
  #row = 0;
  #top: Int32Array = new Int32Array(0);
  #topScores: Float64Array = new Float64Array(0);
  #found = 0;

  constructor(base: BaseRow) {
    this.#base = base;
    this.#changedIn = new Int32Array(base.scores.length);
  }

  /**
   * @param changed - the changed items of the row. Read only.
   * @param k - length of the list, at most I.
   * @returns the number of items with a greater score than the target's, the number with its score (itself included), and
   *   the k best items, equal scores by ascending item. The list is valid until the next call.
   */
  rank(
    changed: ChangedItems,
    target: number,
    k: number,
  ): { readonly better: number; readonly equal: number; readonly top: Int32Array } {
    const base = this.#base;
    const { count, items, scores } = changed;
    const place = items.subarray(0, count).indexOf(target);
    const own = place < 0 ? base.scores[target] : scores[place];
    let better = base.above(own);
    let equal = base.equalTo(own);
    this.#startList(k);
    for (let at = 0; at < count; at++) {
      const before = base.scores[items[at]];
      better += Number(scores[at] > own) - Number(before > own);
      equal += Number(scores[at] === own) - Number(before === own);
      this.#changedIn[items[at]] = this.#row;
      this.#offer(items[at], scores[at]);
    }
    this.#offerUnchanged();
    return { better, equal, top: this.#top };
  }

  /** @returns the k best items, as `rank` does. Valid until the next call. */
  top(changed: ChangedItems, k: number): Int32Array {
    const { count, items, scores } = changed;
    this.#startList(k);
    // Spares the insertion of worse ones, such as 1,400 of 1,500.
    const least = count > k ? kthGreatest(scores.slice(0, count), k) : Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at++) {
      this.#changedIn[items[at]] = this.#row;
      if (scores[at] >= least) this.#offer(items[at], scores[at]);
    }
    this.#offerUnchanged();
    return this.#top;
  }

  /**
   * The changed items of a row and the best of the others.
   *
   * @param k - of `least`.
   * @param length - the least number of items, at most all. More are listed.
   * @returns fresh arrays.
   */
  sparse(changed: ChangedItems, k: number, length: number): SparseRow {
    const { order, scores: base } = this.#base;
    const { count } = changed;
    this.#row++;
    for (const item of changed.items.subarray(0, count)) this.#changedIn[item] = this.#row;
    // The k best of the row are among the changed items and the k best of the others.
    const listed = Math.min(order.length, count + Math.max(k, length - count));
    const [items, scores] = [new Int32Array(listed), new Float64Array(listed)];
    items.set(changed.items.subarray(0, count));
    scores.set(changed.scores.subarray(0, count));
    let others = Number.NEGATIVE_INFINITY;
    for (let place = 0, size = count; place < order.length; place++) {
      const item = order[place];
      if (this.#changedIn[item] === this.#row) continue;
      if (size === listed) {
        others = base[item];
        break;
      }
      items[size] = item;
      scores[size++] = base[item];
    }
    const best = scores.reduce((a, b) => Math.max(a, b));
    const least = kthGreatest(scores.slice(), Math.min(k, listed));
    return { items, scores, others, base, best, least };
  }

  #startList(k: number): void {
    this.#row++;
    this.#found = 0;
    if (this.#top.length === k) return;
    this.#top = new Int32Array(k);
    this.#topScores = new Float64Array(k);
  }

  /** Adds the unchanged items, of which only the k best can be in the list. */
  #offerUnchanged(): void {
    const { order, scores } = this.#base;
    for (let place = 0, offered = 0; place < order.length && offered < this.#top.length; place++) {
      if (this.#changedIn[order[place]] === this.#row) continue;
      if (!this.#offer(order[place], scores[order[place]])) return;
      offered++;
    }
  }

  /** Inserts an item into the list. @returns whether it is good enough for the list. */
  #offer(item: number, score: number): boolean {
    const [top, topScores] = [this.#top, this.#topScores];
    let place = this.#found;
    while (
      place > 0 &&
      (score > topScores[place - 1] || (score === topScores[place - 1] && item < top[place - 1]))
    )
      place--;
    if (place === top.length) return false;
    if (this.#found < top.length) this.#found++;
    for (let behind = this.#found - 1; behind > place; behind--) {
      top[behind] = top[behind - 1];
      topScores[behind] = topScores[behind - 1];
    }
    top[place] = item;
    topScores[place] = score;
    return true;
  }
}
