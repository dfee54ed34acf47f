import type { SourceChunk } from '@gru4rec/dataset';

/** Most sessions per chunk, and events after which a chunk ends. */
const CHUNK_SESSIONS = 65_536;
const CHUNK_EVENTS = 1 << 18;

/** In order of time: [events] each. */
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
      ...(columns.contexts && { context: gatherContexts(part, columns.contexts) }),
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

function gatherContexts(events: Int32Array, contexts: Int32Array): Int32Array {
  return events.map((event) => contexts[event] as number);
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
