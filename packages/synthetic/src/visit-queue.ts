export interface RunningVisit {
  readonly sessionId: number;
  /** It orders clicks in the same second. */
  readonly visit: number;
  readonly items: readonly number[];
  /** Seconds since 1970. */
  readonly times: readonly number[];
  /** Index of the next click. */
  next: number;
}

/** A binary heap, ordered by the time of the next click. */
export class VisitQueue {
  readonly #heap: RunningVisit[] = [];

  get first(): RunningVisit | undefined {
    return this.#heap[0];
  }

  push(visit: RunningVisit): void {
    let node = this.#heap.push(visit) - 1;
    while (node > 0) {
      const parent = (node - 1) >> 1;
      if (isBefore(this.#heap[parent], visit)) break;
      this.#heap[node] = this.#heap[parent];
      node = parent;
    }
    this.#heap[node] = visit;
  }

  /** Removes the first visit if it has no more clicks. */
  advance(): void {
    const first = this.#heap[0];
    first.next++;
    if (first.next < first.items.length) {
      this.#sift(first);
      return;
    }
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sift(last);
  }

  #sift(visit: RunningVisit): void {
    const heap = this.#heap;
    let node = 0;
    for (let child = 1; child < heap.length; child = 2 * node + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (isBefore(visit, heap[child])) break;
      heap[node] = heap[child];
      node = child;
    }
    heap[node] = visit;
  }
}

function isBefore(a: RunningVisit, b: RunningVisit): boolean {
  const [timeA, timeB] = [a.times[a.next], b.times[b.next]];
  return timeA < timeB || (timeA === timeB && a.visit < b.visit);
}
