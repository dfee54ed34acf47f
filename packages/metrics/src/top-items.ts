const NOTHING: ReadonlySet<number> = new Set();

/**
 * The k items of the greatest scores, best first; equal scores by ascending item index.
 *
 * One pass over the scores against the worst score kept, so that few items ever touch the heap.
 *
 * @param scores - [I], one per item, none NaN. Read only.
 * @param excluded - item indices to leave out.
 * @returns min(k, I − excluded) item indices (fresh).
 */
export function topItems(
  scores: Float32Array | Float64Array,
  k: number,
  excluded: ReadonlySet<number> = NOTHING,
): Int32Array {
  const heap = new Int32Array(Math.min(k, scores.length));
  let size = 0;
  let item = 0;
  for (; item < scores.length && size < heap.length; item++) {
    if (!excluded.has(item)) heap[size++] = item;
  }
  const kept = heap.subarray(0, size);
  for (let node = (size >> 1) - 1; node >= 0; node--) siftDown(kept, node, scores);
  let worst = scores[kept[0]];
  for (; item < scores.length; item++) {
    // A later item of the worst score kept has the greater index: it loses.
    if (scores[item] <= worst || excluded.has(item)) continue;
    kept[0] = item;
    siftDown(kept, 0, scores);
    worst = scores[kept[0]];
  }
  return kept.sort((a, b) => (isWorse(a, b, scores) ? 1 : -1));
}

function isWorse(a: number, b: number, scores: Float32Array | Float64Array): boolean {
  return scores[a] < scores[b] || (scores[a] === scores[b] && a > b);
}

/** Restores the heap below `node`: a parent is worse than its children. */
function siftDown(heap: Int32Array, node: number, scores: Float32Array | Float64Array): void {
  const moved = heap[node];
  for (let child = 2 * node + 1; child < heap.length; child = 2 * node + 1) {
    if (child + 1 < heap.length && isWorse(heap[child + 1], heap[child], scores)) child++;
    if (!isWorse(heap[child], moved, scores)) break;
    heap[node] = heap[child];
    node = child;
  }
  heap[node] = moved;
}
