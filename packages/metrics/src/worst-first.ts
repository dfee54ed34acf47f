/** Scores of items, read only. */
export type Scores = Float32Array | Float64Array;

/** Whether item `a` is worse than item `b`: a lower score, or an equal one and a greater index. */
export function isWorse(a: number, b: number, scores: Scores): boolean {
  return scores[a] < scores[b] || (scores[a] === scores[b] && a > b);
}

/** Makes a heap of items in which a parent is worse than its children. */
export function heapify(heap: Int32Array, scores: Scores): void {
  for (let node = (heap.length >> 1) - 1; node >= 0; node--) siftDown(heap, node, scores);
}

/** Restores the heap below `node`. */
export function siftDown(heap: Int32Array, node: number, scores: Scores): void {
  const moved = heap[node];
  for (let child = 2 * node + 1; child < heap.length; child = 2 * node + 1) {
    if (child + 1 < heap.length && isWorse(heap[child + 1], heap[child], scores)) child++;
    if (!isWorse(heap[child], moved, scores)) break;
    heap[node] = heap[child];
    node = child;
  }
  heap[node] = moved;
}
