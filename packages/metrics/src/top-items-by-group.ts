import { type ExcludedItems, topItems } from './top-items.ts';
import { heapify, isWorse, type Scores, siftDown } from './worst-first.ts';

/** Limits the items per group in a list. */
export interface GroupLimit {
  /** Group of an item index, any key; undefined = no group, and no limit. */
  readonly groupOf: (item: number) => unknown;
  /** A positive integer. */
  readonly maxPerGroup: number;
  readonly excluded?: ExcludedItems;
}

/** The first attempt looks at this multiple of k items. */
const FIRST_TRY = 4;

/**
 * The best k items with at most `maxPerGroup` per group.
 *
 * Takes them from the best 4·k items. Only if these do not suffice does it look at all items, and keeps the best
 * `maxPerGroup` of each group. It only sorts the items it takes from.
 *
 * @param scores - [I], one per item, none NaN. Read only.
 * @returns at most k item indices, best first; equal scores by ascending item index (fresh).
 */
export function topItemsByGroup(scores: Scores, k: number, limit: GroupLimit): Int32Array {
  const best = topItems(scores, FIRST_TRY * k, limit.excluded);
  const list = walk(best, k, limit);
  if (list.length === k || best.length < FIRST_TRY * k) return list;
  return topItems(scores, k, othersThan(leaders(scores, k, limit)));
}

/** Takes items in order, except those of a full group. */
function walk(items: Int32Array, k: number, { groupOf, maxPerGroup }: GroupLimit): Int32Array {
  const taken = new Map<unknown, number>();
  const list: number[] = [];
  for (const item of items) {
    if (list.length === k) break;
    const group = groupOf(item);
    const count = taken.get(group) ?? 0;
    if (group !== undefined && count === maxPerGroup) continue;
    taken.set(group, count + 1);
    list.push(item);
  }
  return Int32Array.from(list);
}

function othersThan(items: ReadonlySet<number>): ExcludedItems {
  return { has: (item) => !items.has(item) };
}

/** The best items of each group, and the best k without a group. */
function leaders(scores: Scores, k: number, limit: GroupLimit): Set<number> {
  const { groupOf, maxPerGroup, excluded } = limit;
  const groups = new Map<unknown, BestItems>();
  for (let item = 0; item < scores.length; item++) {
    if (excluded?.has(item)) continue;
    const group = groupOf(item);
    let best = groups.get(group);
    if (!best) {
      best = new BestItems(group === undefined ? k : Math.min(k, maxPerGroup));
      groups.set(group, best);
    }
    best.offer(item, scores);
  }
  return new Set([...groups.values()].flatMap(({ items }) => [...items]));
}

/** The best of the offered items, up to a limit; memory grows with the items held. */
class BestItems {
  readonly #capacity: number;
  #heap = new Int32Array(1);
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get items(): Int32Array {
    return this.#heap.subarray(0, this.#size);
  }

  offer(item: number, scores: Scores): void {
    if (this.#size < this.#capacity) this.#append(item, scores);
    else if (isWorse(this.#heap[0], item, scores)) {
      this.#heap[0] = item;
      siftDown(this.#heap, 0, scores);
    }
  }

  #append(item: number, scores: Scores): void {
    if (this.#size === this.#heap.length) {
      const grown = new Int32Array(Math.min(this.#capacity, 2 * this.#size));
      grown.set(this.#heap);
      this.#heap = grown;
    }
    this.#heap[this.#size++] = item;
    if (this.#size === this.#capacity) heapify(this.#heap, scores);
  }
}
