import { LRUCache } from 'lru-cache';
import type { Query } from './messages.ts';

interface CachedSession {
  readonly slot: number;
  dropped: number;
  /** [kept clicks × W]: item index, −1 where the model does not know it, and features. */
  items: readonly number[];
}

/** Which slot of the thread holds the state of which session, and which clicks it has. Calls must reach the thread in order. */
export class StateSlots {
  readonly #capacity: number;
  readonly #free: number[] = [];
  readonly #sessions: LRUCache<string, CachedSession>;
  readonly #passing: number;
  readonly #width: number;
  #used: number;
  #passed = 0;

  /** @param passing - slots for sessions that are not kept, the first ones, used in turn. @param width - W, numbers per click. */
  constructor(capacity: number, passing: number, width = 1) {
    this.#width = width;
    this.#capacity = capacity;
    this.#passing = passing;
    this.#used = passing;
    this.#sessions = new LRUCache({ max: capacity, dispose: ({ slot }) => this.#free.push(slot) });
  }

  /** The clicks since the session's last use, or all kept ones if the state was dropped or has other clicks. */
  advance(
    sessionId: string | undefined,
    dropped: number,
    items: readonly number[],
  ): Pick<Query, 'slot' | 'reset' | 'steps'> {
    if (sessionId === undefined)
      return { slot: this.#passed++ % this.#passing, reset: true, steps: known(items, this.#width) };
    const cached = this.#sessions.get(sessionId);
    if (cached && continues(cached, dropped, items, this.#width)) {
      const from = cached.items.length - this.#width * (dropped - cached.dropped);
      cached.dropped = dropped;
      cached.items = items;
      return { slot: cached.slot, reset: false, steps: known(items.slice(from), this.#width) };
    }
    // Deleting first frees the slot of the session itself, or of the least recently used one.
    this.#sessions.delete(sessionId);
    if (this.#sessions.size === this.#capacity) this.#sessions.pop();
    const slot = this.#free.pop() ?? this.#used++;
    this.#sessions.set(sessionId, { slot, dropped, items });
    return { slot, reset: true, steps: known(items, this.#width) };
  }

  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }
}

/** Clicks that the list has dropped cannot be compared. */
function continues(
  { dropped: from, items: had }: CachedSession,
  dropped: number,
  items: readonly number[],
  width: number,
): boolean {
  const passed = width * (dropped - from);
  if (passed < 0 || had.length > passed + items.length || had.length < passed) return false;
  return had.slice(passed).every((number, at) => number === items[at]);
}

function known(items: readonly number[], width: number): readonly number[] {
  if (!items.includes(-1)) return items;
  return items.filter((_, at) => items[at - (at % width)] >= 0);
}

/** @param items - as of `Question`. */
export function knowsNone(items: readonly number[], width: number): boolean {
  return items.every((item, at) => at % width > 0 || item < 0);
}
