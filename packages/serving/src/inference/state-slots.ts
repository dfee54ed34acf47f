import { LRUCache } from 'lru-cache';

/** Where the hidden state of a session is, and what it still lacks. */
export interface Advance {
  readonly slot: number;
  /** Whether to start from zeros. */
  readonly reset: boolean;
  /** Item indices to advance by. */
  readonly steps: readonly number[];
}

/** The known items of a session by position. */
interface CachedSession {
  readonly slot: number;
  dropped: number;
  /** Item index per kept click, −1 where the model does not know it. */
  items: readonly number[];
}

/**
 * The cache of hidden states of one version of a model: which slot of its thread holds which session, and which clicks
 * the state has. The states themselves are in the thread. Calls must reach the thread in order.
 */
export class StateSlots {
  readonly #capacity: number;
  readonly #free: number[] = [];
  readonly #sessions: LRUCache<string, CachedSession>;
  readonly #passing: number;
  #used: number;
  #passed = 0;

  /**
   * @param capacity - the most sessions with a state.
   * @param passing - slots for sessions that are not kept, the first ones, used in turn.
   */
  constructor(capacity: number, passing: number) {
    this.#capacity = capacity;
    this.#passing = passing;
    this.#used = passing;
    this.#sessions = new LRUCache({ max: capacity, dispose: ({ slot }) => this.#free.push(slot) });
  }

  /** Number of sessions with a state. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * What brings the state of a session to its last click: the clicks since its last use, or all kept ones if the state
   * was dropped or has other clicks.
   *
   * @param sessionId - undefined for a session that is not kept.
   * @param dropped - number of clicks before the first of `items`.
   * @param items - item index per kept click, −1 where the model does not know it; not changed later.
   */
  advance(sessionId: string | undefined, dropped: number, items: readonly number[]): Advance {
    if (sessionId === undefined) return { slot: this.#passingSlot(), reset: true, steps: known(items) };
    const cached = this.#sessions.get(sessionId);
    if (cached && continues(cached, dropped, items)) {
      const from = cached.dropped + cached.items.length - dropped;
      cached.dropped = dropped;
      cached.items = items;
      return { slot: cached.slot, reset: false, steps: known(items.slice(from)) };
    }
    // Deleting first frees the slot of the session itself, or of the least recently used one.
    this.#sessions.delete(sessionId);
    if (this.#sessions.size === this.#capacity) this.#sessions.pop();
    const slot = this.#free.pop() ?? this.#used++;
    this.#sessions.set(sessionId, { slot, dropped, items });
    return { slot, reset: true, steps: known(items) };
  }

  /** Forgets the state of a session. */
  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  #passingSlot(): number {
    this.#passed = (this.#passed + 1) % this.#passing;
    return this.#passed;
  }
}

/** Whether a list of clicks starts with the clicks that a state has. Clicks that the list has dropped cannot be compared. */
function continues(
  { dropped: from, items: had }: CachedSession,
  dropped: number,
  items: readonly number[],
): boolean {
  if (dropped < from || from + had.length > dropped + items.length || from + had.length < dropped)
    return false;
  return had.slice(dropped - from).every((item, at) => item === items[at]);
}

function known(items: readonly number[]): readonly number[] {
  return items.includes(-1) ? items.filter((item) => item >= 0) : items;
}
