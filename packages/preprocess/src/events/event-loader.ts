import type { SourceChunk } from '@gru4rec/dataset';
import { IntegerIndex, type Integers } from './integer-index.ts';

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
    return firstRows(this.#columns, this.#length);
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

/** Views. */
export function firstRows({ sessions, items, times, contexts }: EventColumns, rows: number): EventColumns {
  return {
    sessions: sessions.subarray(0, rows),
    items: items.subarray(0, rows),
    times: times.subarray(0, rows),
    contexts: contexts?.subarray(0, rows),
  };
}

function newColumns(rows: number, hasContexts: boolean): EventColumns {
  const columns = {
    sessions: new Int32Array(rows),
    items: new Int32Array(rows),
    times: new Float64Array(rows),
  };
  return hasContexts ? { ...columns, contexts: new Int32Array(rows) } : columns;
}

/** Most sessions per chunk, and events after which a chunk ends. */
const CHUNK_SESSIONS = 65_536;
const CHUNK_EVENTS = 1 << 18;

export interface EventColumns {
  readonly sessions: Int32Array;
  readonly items: Int32Array;
  /** Milliseconds since 1970 UTC. */
  readonly times: Float64Array;
  readonly contexts?: Int32Array | undefined;
}

export type SessionIds = (sessions: Int32Array) => SourceChunk['sessionIds'];

export interface SessionOrder {
  readonly isOfSplit: (session: number) => boolean;
  /** [sessions] events per session. */
  readonly lengths: Int32Array;
  /** [items] */
  readonly itemIndex: Int32Array;
  readonly sessionIds: SessionIds;
}

/** In order of their first event, each with its events in order of time. */
export async function* orderSessions(
  columns: EventColumns,
  { isOfSplit, lengths, itemIndex, sessionIds }: SessionOrder,
): AsyncGenerator<SourceChunk> {
  const { contexts } = columns;
  const { ordered, offsets, events } = placeEvents(columns, isOfSplit, lengths);
  for (let from = 0, end = 0; from < ordered.length; from = end) {
    const first = offsets[from] as number;
    const limit = Math.min(ordered.length, from + CHUNK_SESSIONS);
    do end++;
    while (end < limit && (offsets[end] as number) - first < CHUNK_EVENTS);
    const part = events.subarray(first, offsets[end]);
    yield {
      sessionIds: sessionIds(ordered.subarray(from, end)),
      sessionOffsets: offsets.subarray(from, end + 1).map((offset) => offset - first),
      items: gather(part, columns.items, itemIndex),
      times: gatherTimes(part, columns.times),
      context: contexts && part.map((event) => contexts[event] as number),
    };
  }
}

interface PlacedEvents {
  readonly ordered: Int32Array;
  /** [sessions + 1]: where the events of a session begin. */
  readonly offsets: Int32Array;
  readonly events: Int32Array;
}

function placeEvents(
  { sessions }: EventColumns,
  isOfSplit: SessionOrder['isOfSplit'],
  lengths: Int32Array,
): PlacedEvents {
  /** Where the next event of a session goes; -1 before its first one. */
  const next = new Int32Array(lengths.length).fill(-1);
  const ordered = new Int32Array(lengths.length);
  const offsets = new Int32Array(lengths.length + 1);
  const events = new Int32Array(sessions.length);
  let count = 0;
  for (let event = 0; event < sessions.length; event++) {
    const session = sessions[event] as number;
    if (!isOfSplit(session)) continue;
    if (next[session] === -1) {
      next[session] = offsets[count] as number;
      ordered[count++] = session;
      offsets[count] = (next[session] as number) + (lengths[session] as number);
    }
    const place = next[session] as number;
    events[place] = event;
    next[session] = place + 1;
  }
  return {
    ordered: ordered.subarray(0, count),
    offsets: offsets.subarray(0, count + 1),
    events: events.subarray(0, offsets[count]),
  };
}

function gather(events: Int32Array, items: Int32Array, itemIndex: Int32Array): Int32Array {
  const gathered = new Int32Array(events.length);
  for (let at = 0; at < events.length; at++) {
    gathered[at] = itemIndex[items[events[at] as number] as number] as number;
  }
  return gathered;
}

/** As halves, because a `bigint` per time would be slow. */
function gatherTimes(events: Int32Array, times: Float64Array): BigInt64Array {
  const halves = new Int32Array(2 * events.length);
  for (let at = 0; at < events.length; at++) {
    const time = times[events[at] as number] as number;
    const high = Math.floor(time / 2 ** 32);
    halves[2 * at] = time - high * 2 ** 32;
    halves[2 * at + 1] = high;
  }
  return new BigInt64Array(halves.buffer);
}
