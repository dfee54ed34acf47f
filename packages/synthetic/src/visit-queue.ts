/** A visit in progress. */
export interface RunningVisit {
  readonly sessionId: number;
  /** Number of the visit, which orders clicks in the same second. */
  readonly visit: number;
  /** Item number of each click. */
  readonly items: readonly number[];
  /** Time of each click, in seconds since 1970. */
  readonly times: readonly number[];
  /** Index of its next click. */
  next: number;
}

/** A binary heap of running visits, ordered by the time of their next click. */
export class VisitQueue {
  readonly #heap: RunningVisit[] = [];

  /** The visit with the next click; undefined if the queue is empty. */
  get first(): RunningVisit | undefined {
    return this.#heap[0];
  }

  /** Adds a visit. */
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

  /** Moves the first visit to its next click, and removes it if it has no more. */
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
