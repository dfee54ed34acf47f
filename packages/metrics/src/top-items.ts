/** Item indices that a list excludes, such as a `Set`. */
export type ExcludedItems = Pick<ReadonlySet<number>, 'has'>;

const NOTHING: ExcludedItems = new Set();

/**
 * The k items with the greatest scores, best first; equal scores by ascending item index. One pass compares the scores with the
 * worst one kept, so that few items reach the heap.
 * @param scores - [I], none NaN. Read only.
 * @returns min(k, I − excluded) item indices (fresh).
 */
export function topItems(scores: Scores, k: number, excluded: ExcludedItems = NOTHING): Int32Array {
  const heap = new Int32Array(Math.min(k, scores.length));
  let size = 0;
  let item = 0;
  for (; item < scores.length && size < heap.length; item++) {
    if (!excluded.has(item)) heap[size++] = item;
  }
  const kept = heap.subarray(0, size);
  heapify(kept, scores);
  let worst = scores[kept[0]];
  for (; ; item++) {
    // A later item with the worst score kept has the greater index, and loses.
    item = nextAbove(scores, worst, item);
    if (item >= scores.length) break;
    if (excluded.has(item)) continue;
    kept[0] = item;
    siftDown(kept, 0, scores);
    worst = scores[kept[0]];
  }
  return kept.sort((a, b) => (isWorse(a, b, scores) ? 1 : -1));
}

/** The first item from `item` on whose score is not ≤ `bound`. Four at a time take half the time. */
function nextAbove(scores: Scores, bound: number, item: number): number {
  const { length } = scores;
  const last = length - 4;
  let i = item;
  while (
    i <= last &&
    scores[i] <= bound &&
    scores[i + 1] <= bound &&
    scores[i + 2] <= bound &&
    scores[i + 3] <= bound
  ) {
    i += 4;
  }
  while (i < length && scores[i] <= bound) i++;
  return i;
}

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
 * The best k items with at most `maxPerGroup` per group, of the best 4·k items, or if these do not suffice of the best of each
 * group.
 * @param scores - [I], one per item, none NaN. Read only.
 * @returns at most k item indices, best first; equal scores by ascending item index (fresh).
 */
export function topItemsByGroup(scores: Scores, k: number, limit: GroupLimit): Int32Array {
  const best = topItems(scores, FIRST_TRY * k, limit.excluded);
  const list = firstByGroup(best, k, limit);
  if (list.length === k || best.length < FIRST_TRY * k) return list;
  return topItems(scores, k, othersThan(leaders(scores, k, limit)));
}

/** The first k items with at most `maxPerGroup` per group. */
export function firstByGroup(
  items: Iterable<number>,
  k: number,
  { groupOf, maxPerGroup }: GroupLimit,
): Int32Array {
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

/** Scores of items, read only. */
export type Scores = Float32Array | Float64Array;

/** Whether item `a` is worse than item `b`: a lower score, or an equal one and a greater index. */
function isWorse(a: number, b: number, scores: Scores): boolean {
  return scores[a] < scores[b] || (scores[a] === scores[b] && a > b);
}

/** Makes a heap of items in which a parent is worse than its children. */
function heapify(heap: Int32Array, scores: Scores): void {
  for (let node = (heap.length >> 1) - 1; node >= 0; node--) siftDown(heap, node, scores);
}

function siftDown(heap: Int32Array, node: number, scores: Scores): void {
  const moved = heap[node];
  for (let child = 2 * node + 1; child < heap.length; child = 2 * node + 1) {
    if (child + 1 < heap.length && isWorse(heap[child + 1], heap[child], scores)) child++;
    if (!isWorse(heap[child], moved, scores)) break;
    heap[node] = heap[child];
    node = child;
  }
  heap[node] = moved;
}

/**
 * The k-th greatest number by quickselect (Hoare 1961): 10 instead of 53 µs for sorting 1,500.
 * @param values - none NaN; k of them are put before all others.
 */
export function kthGreatest(values: Float64Array, k: number): number {
  const wanted = k - 1;
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1];
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left] > pivot) left++;
      while (values[right] < pivot) right--;
      if (left > right) break;
      const swapped = values[left];
      values[left++] = values[right];
      values[right--] = swapped;
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else break;
  }
  return values[wanted];
}
