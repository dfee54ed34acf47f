import { type RowScale, rowScale, SCALED_HEAD, scaledValue } from '@gru4rec/baselines';
import { topItems } from '@gru4rec/metrics';
import type { BestItems } from '@gru4rec/model';

/** The best items of a session's row by one part of a mix. */
export interface PartList {
  readonly items: Int32Array;
  /** Of `items`. */
  readonly scores: Float64Array;
  /** The score that no other item exceeds; −Infinity if there is none. */
  readonly others: number;
  /** Of the row. */
  readonly scale: RowScale;
}

/** @param list - the best items of a row, best first, at least its head (`SCALED_HEAD`). */
export function sortedList({ items, scores }: BestItems, itemCount: number): PartList {
  const { length } = scores;
  const scale = rowScale(scores[0], scores[Math.min(SCALED_HEAD, length) - 1]);
  return { items, scores, others: length < itemCount ? scores[length - 1] : Number.NEGATIVE_INFINITY, scale };
}

export type ScoreSome = (part: number, items: Int32Array) => Float64Array;

/** A value by `score` is above this, or equal to it at a score of −Infinity. */
const LEAST_VALUE = -1;

/** Finds the best items of a mix in lists of the best items of its parts. Has memory for one session. */
export class MixedLists {
  readonly #weights: readonly number[];
  /** [I] place among the candidates of the current call, if `#call` has its number. */
  readonly #places: Int32Array;
  /** Exact up to 2^53 calls. */
  readonly #calls: Float64Array;
  #call = 0;

  constructor(weights: readonly number[], itemCount: number) {
    this.#weights = weights;
    this.#places = new Int32Array(itemCount);
    this.#calls = new Float64Array(itemCount);
  }

  /**
   * The best items with the scores of the mix, equal ones by item index; undefined if an item that no list has could be
   * among them.
   */
  best(lists: readonly PartList[], count: number, scoreSome: ScoreSome): BestItems | undefined {
    const wanted = Math.min(count, this.#places.length);
    const items = this.#union(lists);
    // With the list of a part that has all items, every item is a candidate.
    const isOpen = lists.every((list) => list.items.length < this.#places.length);
    if (items.length < wanted) return undefined;
    const values = this.#valuesOf(lists, items.length);
    const last = lists.map(({ others, scale }) => scaledValue(others, scale));
    const kept = orderedBy(items, this.#canBeBest(values, last, wanted));
    this.#complete(values, { lists, items, kept, scoreSome });
    const mixed = new Float64Array(kept.length);
    for (let at = 0; at < kept.length; at++) mixed[at] = this.#sum(values, kept[at], last);
    const best = topItems(mixed, wanted);
    const unlisted = this.#weights.reduce((sum, weight, part) => sum + weight * last[part], 0);
    if (isOpen && !(mixed[best[wanted - 1]] > unlisted)) return undefined;
    const scores = new Float64Array(wanted);
    for (let at = 0; at < wanted; at++) {
      scores[at] = mixed[best[at]];
      best[at] = items[kept[best[at]]];
    }
    return { items: best, scores };
  }

  #union(lists: readonly PartList[]): Int32Array {
    this.#call++;
    const most = lists.reduce((sum, list) => sum + list.items.length, 0);
    const union = new Int32Array(most);
    let size = 0;
    for (const { items } of lists) {
      for (const item of items) {
        if (this.#calls[item] === this.#call) continue;
        this.#calls[item] = this.#call;
        this.#places[item] = size;
        union[size++] = item;
      }
    }
    return union.subarray(0, size);
  }

  /** [parts] of [candidates] values, NaN where a part does not list the candidate. */
  #valuesOf(lists: readonly PartList[], candidates: number): Float64Array[] {
    return lists.map(({ items, scores, scale }) => {
      const values = new Float64Array(candidates).fill(Number.NaN);
      for (let at = 0; at < items.length; at++) {
        values[this.#places[items[at]]] = scaledValue(scores[at], scale);
      }
      return values;
    });
  }

  /** The places of candidates that can be among the best, whatever the values are that no list has. */
  #canBeBest(values: readonly Float64Array[], last: readonly number[], wanted: number): Int32Array {
    const candidates = values[0].length;
    const lower = new Float64Array(candidates);
    const least = last.map(() => LEAST_VALUE);
    for (let place = 0; place < candidates; place++) lower[place] = this.#sum(values, place, least);
    const bound = lower[topItems(lower, wanted)[wanted - 1]];
    const kept = new Int32Array(candidates);
    let size = 0;
    for (let place = 0; place < candidates; place++) {
      if (this.#sum(values, place, last) >= bound) kept[size++] = place;
    }
    return kept.subarray(0, size);
  }

  #complete(
    values: readonly Float64Array[],
    {
      lists,
      items,
      kept,
      scoreSome,
    }: {
      readonly lists: readonly PartList[];
      readonly items: Int32Array;
      readonly kept: Int32Array;
      readonly scoreSome: ScoreSome;
    },
  ): void {
    const unknown = new Int32Array(kept.length);
    for (const [part, own] of values.entries()) {
      let count = 0;
      for (const place of kept) if (Number.isNaN(own[place])) unknown[count++] = place;
      if (count === 0) continue;
      const { scale } = lists[part];
      const missing = new Int32Array(count);
      for (let at = 0; at < count; at++) missing[at] = items[unknown[at]];
      const scores = scoreSome(part, missing);
      for (let at = 0; at < count; at++) own[unknown[at]] = scaledValue(scores[at], scale);
    }
  }

  /** Σ weight · value in the order of `mix`, with these values where they are not known. */
  #sum(values: readonly Float64Array[], place: number, unknown: readonly number[]): number {
    let sum = 0;
    for (let part = 0; part < values.length; part++) {
      const value = values[part][place];
      sum += this.#weights[part] * (Number.isNaN(value) ? unknown[part] : value);
    }
    return sum;
  }
}

/** The places by the item index at each, ascending: sorted as numbers, which typed arrays do natively. */
function orderedBy(items: Int32Array, places: Int32Array): Int32Array {
  const count = items.length;
  const keys = new Float64Array(places.length);
  for (let at = 0; at < keys.length; at++) keys[at] = items[places[at]] * count + places[at];
  keys.sort();
  for (let at = 0; at < keys.length; at++) places[at] = keys[at] % count;
  return places;
}
