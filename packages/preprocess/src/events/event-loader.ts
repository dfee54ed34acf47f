import { IntegerIndex, type Integers } from './integer-index.ts';
import type { EventColumns } from './order-sessions.ts';

const SESSION_EVENTS = 8;

const GROWTH = 1.5;

export class EventLoader {
  readonly sessions: IntegerIndex;
  readonly items: IntegerIndex = new IntegerIndex();
  #columns: EventColumns;
  #length = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @param rows - to allocate memory for; the arrays grow. */
  constructor(rows: number, hasContexts = false) {
    this.sessions = new IntegerIndex(rows / SESSION_EVENTS);
    this.#columns = newColumns(rows, hasContexts);
  }

  get columns(): EventColumns {
    const { sessions, items, times, contexts } = this.#columns;
    return {
      sessions: sessions.subarray(0, this.#length),
      items: items.subarray(0, this.#length),
      times: times.subarray(0, this.#length),
      ...(contexts && { contexts: contexts.subarray(0, this.#length) }),
    };
  }

  get length(): number {
    return this.#length;
  }

  get capacity(): number {
    return this.#columns.times.length;
  }

  nextCapacity(events: number): number {
    const needed = this.#length + events;
    return needed > this.capacity ? Math.ceil(GROWTH * needed) : this.capacity;
  }

  /** @returns false if times decrease; then nothing is added. */
  add(sessions: Integers, items: Integers, times: Float64Array, contexts?: Int32Array): boolean {
    let last = this.#last;
    for (let at = 0; at < times.length; at++) {
      const time = times[at] as number;
      if (time < last) return false;
      last = time;
    }
    const capacity = this.nextCapacity(times.length);
    if (capacity > this.capacity) this.#grow(capacity);
    this.#columns.times.set(times, this.#length);
    if (contexts) this.#columns.contexts?.set(contexts, this.#length);
    this.sessions.add(sessions, this.#columns.sessions, this.#length);
    this.items.add(items, this.#columns.items, this.#length);
    this.#last = last;
    this.#length += times.length;
    return true;
  }

  /** @returns by new session: its user, and which of the user's it is, from 1. */
  cutByGap(gapMs: number): { readonly user: Int32Array; readonly place: Int32Array } {
    const { sessions, times } = this.#columns;
    const users = this.sessions.length;
    const lastTime = new Float64Array(users).fill(Number.NEGATIVE_INFINITY);
    const current = new Int32Array(users);
    const count = new Int32Array(users);
    const user = new Int32Array(this.#length);
    const place = new Int32Array(this.#length);
    let session = 0;
    for (let event = 0; event < this.#length; event++) {
      const own = sessions[event] as number;
      const time = times[event] as number;
      if (time - (lastTime[own] as number) > gapMs) {
        current[own] = session;
        user[session] = own;
        place[session++] = count[own] = (count[own] as number) + 1;
      }
      lastTime[own] = time;
      sessions[event] = current[own] as number;
    }
    return { user: user.slice(0, session), place: place.slice(0, session) };
  }

  #grow(capacity: number): void {
    const { sessions, items, times, contexts } = this.#columns;
    this.#columns = newColumns(capacity, contexts !== undefined);
    this.#columns.sessions.set(sessions);
    this.#columns.items.set(items);
    this.#columns.times.set(times);
    if (contexts) this.#columns.contexts?.set(contexts);
  }
}

function newColumns(rows: number, hasContexts: boolean): EventColumns {
  const columns = {
    sessions: new Int32Array(rows),
    items: new Int32Array(rows),
    times: new Float64Array(rows),
  };
  return hasContexts ? { ...columns, contexts: new Int32Array(rows) } : columns;
}
