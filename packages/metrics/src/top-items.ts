import { heapify, isWorse, type Scores, siftDown } from './worst-first.ts';

/** Item indices that a list excludes, such as a `Set`. */
export type ExcludedItems = Pick<ReadonlySet<number>, 'has'>;

const NOTHING: ExcludedItems = new Set();

/**
 * The k items with the greatest scores, best first; equal scores by ascending item index.
 *
 * One pass compares the scores with the worst one kept, so that few items reach the heap.
 *
 * @param scores - [I], one per item, none NaN. Read only.
 * @param excluded - item indices to exclude.
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

/**
 * The first item from `item` on whose score is not ≤ `bound`, or the number of items. Four at a time take half the
 * time.
 */
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
