import { kthGreatest, type ScoringSession } from '@gru4rec/metrics';
import type { Unnamed } from './baseline-kind.ts';

export interface SlotRows {
  follow(slot: number, item: number, starts: boolean): void;
  /** Scores a slot after its last event: calls `set` once for each item whose score differs from the base row. */
  score(slot: number, set: (item: number, score: number) => void): void;
}

/** Rows that depend on the last item of a session only. @param score - scores the sessions that end with an item. */
export function rowsByLastItem(
  slots: number,
  score: (last: number, set: (item: number, score: number) => void) => void,
): SlotRows {
  const last = new Int32Array(slots);
  return {
    follow: (slot, item) => {
      last[slot] = item;
    },
    score: (slot, set) => score(last[slot], set),
  };
}

/** A scorer whose rows differ from a base row [I] in few items. The base row is kept. */
export function rowsScorer(base: Float64Array, open: (slots: number) => SlotRows): Unnamed {
  const row = new BaseRow(base);
  return { itemCount: base.length, open: (slots) => openRows(row, slots, open(slots)) };
}

/** Ranking takes O(changed items + k) per slot, 4 bytes per item; rows [slots × I] are allocated when scores are read. */
function openRows(base: BaseRow, slots: number, sessions: SlotRows): ScoringSession {
  const itemCount = base.scores.length;
  const rows = Array.from({ length: slots }, () => new ChangedItems());
  const ranking = new RowRanking(base);
  let scores: Float64Array | undefined;
  const follow = (input: Int32Array, resetMask: Float32Array): void => {
    for (let slot = 0; slot < slots; slot++) {
      if (input[slot] >= 0) sessions.follow(slot, input[slot], resetMask[slot] === 1);
    }
  };
  const clear = (slot: number): ChangedItems => {
    const row = rows[slot];
    if (scores)
      for (const item of row.items.subarray(0, row.count))
        scores[slot * itemCount + item] = base.scores[item];
    row.count = 0;
    return row;
  };
  const advance = (input: Int32Array, resetMask: Float32Array): void => {
    follow(input, resetMask);
    for (let slot = 0; slot < slots; slot++) {
      const row = clear(slot);
      if (input[slot] >= 0) sessions.score(slot, row.set);
    }
  };
  return {
    follow,
    step(input, resetMask) {
      advance(input, resetMask);
      scores ??= repeat(base.scores, slots);
      for (const [slot, row] of rows.entries()) row.writeTo(scores.subarray(slot * itemCount));
      return scores;
    },
    top: (slot, k) => ranking.top(rows[slot], k),
    rank(input, resetMask, target, k) {
      advance(input, resetMask);
      const ranks = {
        better: new Float64Array(slots),
        equal: new Float64Array(slots),
        top: new Int32Array(k * slots),
      };
      for (let slot = 0; slot < slots; slot++) {
        if (target[slot] < 0) continue;
        const { better, equal, top } = ranking.rank(rows[slot], target[slot], k);
        ranks.better[slot] = better;
        ranks.equal[slot] = equal;
        for (let place = 0; place < k; place++) ranks.top[place * slots + slot] = top[place];
      }
      return ranks;
    },
    close() {},
  };
}

function repeat(row: Float64Array, times: number): Float64Array {
  const rows = new Float64Array(times * row.length);
  for (let place = 0; place < times; place++) rows.set(row, place * row.length);
  return rows;
}

/** The row from which others differ in a few items. All sessions of a scorer share it. */
class BaseRow {
  readonly scores: Float64Array;
  #order: Int32Array | undefined;
  #sorted: Float64Array | undefined;

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

  above(score: number): number {
    return this.#countWhile((other) => other > score);
  }

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

class ChangedItems {
  count = 0;
  items: Int32Array = new Int32Array(16);
  scores: Float64Array = new Float64Array(16);

  /** Sets an item's score; at most once per item until the row is cleared. */
  readonly set = (item: number, score: number): void => {
    if (this.count === this.items.length) this.#grow();
    this.items[this.count] = item;
    this.scores[this.count++] = score;
  };

  writeTo(row: Float64Array): void {
    for (let place = 0; place < this.count; place++) row[this.items[place]] = this.scores[place];
  }

  #grow(): void {
    const [items, scores] = [this.items, this.scores];
    this.items = new Int32Array(2 * items.length);
    this.items.set(items);
    this.scores = new Float64Array(2 * scores.length);
    this.scores.set(scores);
  }
}

class RowRanking {
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

  /** Numbers of items with a greater and with the target's score (itself included); the k best, valid until the next call. */
  rank(
    changed: ChangedItems,
    target: number,
    k: number,
  ): { readonly better: number; readonly equal: number; readonly top: Int32Array } {
    const base = this.#base;
    const { count, items, scores } = changed;
    const place = items.subarray(0, count).indexOf(target);
    const targetScore = place < 0 ? base.scores[target] : scores[place];
    let better = base.above(targetScore);
    let equal = base.equalTo(targetScore);
    this.#startList(k);
    for (let at = 0; at < count; at++) {
      const before = base.scores[items[at]];
      better += Number(scores[at] > targetScore) - Number(before > targetScore);
      equal += Number(scores[at] === targetScore) - Number(before === targetScore);
      this.#changedIn[items[at]] = this.#row;
      this.#offer(items[at], scores[at]);
    }
    this.#offerUnchanged();
    return { better, equal, top: this.#top };
  }

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

  #startList(k: number): void {
    this.#row++;
    this.#found = 0;
    if (this.#top.length === k) return;
    this.#top = new Int32Array(k);
    this.#topScores = new Float64Array(k);
  }

  #offerUnchanged(): void {
    const { order, scores } = this.#base;
    for (let place = 0, offered = 0; place < order.length && offered < this.#top.length; place++) {
      if (this.#changedIn[order[place]] === this.#row) continue;
      if (!this.#offer(order[place], scores[order[place]])) return;
      offered++;
    }
  }

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
