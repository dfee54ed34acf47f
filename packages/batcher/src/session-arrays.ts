import { checkHas, describeFlaw } from '@gru4rec/checks';

/** Sessions in CSR form. */
export interface SessionArrays {
  /** [sessions + 1], starting with 0: session s has events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
  readonly sessionOffsets: Int32Array;
  /** [events], item index of each event, in order of time within a session. */
  readonly items: Int32Array;
  /** [events], time of each event, in milliseconds since 1970 UTC. No batch depends on it. */
  readonly times?: BigInt64Array | undefined;
  /**
   * [events × C], row-major: for each of C context columns, the index of the event's value, −1 without one. Whoever gives
   * sessions says what the indices mean.
   */
  readonly context?: Int32Array | undefined;
  /** [sessions], the caller's ids. No batch depends on them. */
  readonly sessionIds?: readonly string[] | undefined;
}

/** C, the context columns of sessions; 0 without context. */
export function contextWidth({ items, context }: Pick<SessionArrays, 'items' | 'context'>): number {
  return context === undefined || items.length === 0 ? 0 : context.length / items.length;
}

/**
 * The context of some events, to go with a slice of `items`.
 * @param end - exclusive; the last event if not given.
 * @returns a view; nothing without context.
 */
export function contextSlice(
  sessions: Pick<SessionArrays, 'items' | 'context'>,
  first: number,
  end: number = sessions.items.length,
): Pick<SessionArrays, 'context'> {
  const width = contextWidth(sessions);
  return sessions.context ? { context: sessions.context.subarray(first * width, end * width) } : {};
}

/** The context of the events for which `isKept`, to go with what is left of `items` (fresh); nothing without context. */
export function contextWhere(
  sessions: Pick<SessionArrays, 'items' | 'context'>,
  isKept: (event: number) => boolean,
): Pick<SessionArrays, 'context'> {
  const width = contextWidth(sessions);
  const { context } = sessions;
  return context ? { context: context.filter((_, at) => isKept(Math.floor(at / width))) } : {};
}

/** The context of the events of all parts, to go with their `items` one after the other (fresh). */
export function contextJoined(
  parts: readonly Pick<SessionArrays, 'items' | 'context'>[],
): Pick<SessionArrays, 'context'> {
  const filled = parts.filter(({ items }) => items.length > 0);
  if (filled.length === 0 || filled.some(({ context }) => context === undefined)) return {};
  const context = new Int32Array(filled.reduce((sum, part) => sum + (part.context?.length ?? 0), 0));
  let at = 0;
  for (const part of filled) {
    context.set(part.context ?? [], at);
    at += part.context?.length ?? 0;
  }
  return { context };
}

/**
 * Checks sessions in CSR form.
 * @param itemCount - I: every item index must be in [0, I). Without it, any index ≥ 0 is accepted.
 * @throws TypeError if an array is not an Int32Array.
 * @throws RangeError if the offsets decrease or do not match the items, or if an item index is out of range.
 */
export function checkSessionArrays(caller: string, sessions: SessionArrays, itemCount?: number): void {
  checkHas(caller, 'sessions', sessions, []);
  const { sessionOffsets, items, times, context } = sessions;
  for (const [name, values] of Object.entries({ sessionOffsets, items })) {
    if (!(values instanceof Int32Array)) {
      throw new TypeError(describeFlaw(caller, name, 'Int32Array', values));
    }
  }
  checkOffsets(caller, sessions);
  if (times && times.length !== items.length) {
    throw new RangeError(
      describeFlaw(caller, 'times', `${items.length} entries, one per event`, times.length),
    );
  }
  if (context !== undefined && !(context instanceof Int32Array)) {
    throw new TypeError(describeFlaw(caller, 'context', 'Int32Array', context));
  }
  if (!Number.isInteger(contextWidth(sessions))) {
    const expected = `a multiple of ${items.length} entries, one per event and column`;
    throw new RangeError(describeFlaw(caller, 'context', expected, context?.length));
  }
  const [limit, expected, remedy] =
    itemCount === undefined
      ? [Number.POSITIVE_INFINITY, 'integer >= 0', '']
      : [itemCount, `integer in [0, ${itemCount})`, ' Remove the events of unknown items.'];
  for (let event = 0; event < items.length; event++) {
    if (items[event] >= 0 && items[event] < limit) continue;
    const flaw = describeFlaw(caller, 'items', `${expected} at index ${event}`, items[event]);
    throw new RangeError(`${flaw}${remedy}`);
  }
}

function checkOffsets(caller: string, { sessionOffsets, items }: SessionArrays): void {
  const refuse = (expected: string, got: unknown): RangeError =>
    new RangeError(describeFlaw(caller, 'sessionOffsets', expected, got));
  if (sessionOffsets.length === 0) throw refuse('sessions + 1 entries', []);
  if (sessionOffsets[0] !== 0) throw refuse('0 at index 0', sessionOffsets[0]);
  for (let session = 1; session < sessionOffsets.length; session++) {
    if (sessionOffsets[session] >= sessionOffsets[session - 1]) continue;
    throw refuse(`no decrease at index ${session}`, sessionOffsets[session]);
  }
  const events = sessionOffsets[sessionOffsets.length - 1];
  if (events !== items.length) throw refuse(`items.length = ${items.length} as its last entry`, events);
}

/** Number of sessions, events and pairs in a block of stored sessions. */
export interface SessionBlock {
  readonly sessions: number;
  readonly events: number;
  /** Number of sessions of two or more events. */
  readonly sessionsWithPairs: number;
  /** Number of pairs of consecutive events. */
  readonly pairs: number;
}

/** Sessions that are read block by block, so that they need not fit in memory. */
export interface SessionBlocks {
  /** The counts of each block, in stored order. */
  readonly blocks: readonly SessionBlock[];
  /** Whether sessions are stored in order of their first events. */
  readonly inTimeOrder: boolean;
  /** C, the context columns of every block; none if not given. */
  readonly contextWidth?: number;
  /** Reads a block. Several reads may be in progress. @returns its sessions, in arrays that the caller owns. */
  read(index: number): Promise<SessionArrays>;
}

/** The counts of a block. */
export function describeBlock({ sessionOffsets, items }: SessionArrays): SessionBlock {
  let sessionsWithPairs = 0;
  let pairs = 0;
  for (let session = 1; session < sessionOffsets.length; session++) {
    const length = sessionOffsets[session] - sessionOffsets[session - 1];
    if (length < 2) continue;
    sessionsWithPairs++;
    pairs += length - 1;
  }
  return { sessions: sessionOffsets.length - 1, events: items.length, sessionsWithPairs, pairs };
}

/** Some of the sessions of `Given`, with ids, times and context if these have them. */
export type SomeSessions<Given extends SessionArrays> = SessionArrays &
  Pick<Given, ('times' | 'sessionIds') & keyof Given>;

/** Consecutive sessions, up to `end`, exclusive: views, except of the offsets. */
export function sliceSessions<Given extends SessionArrays>(
  sessions: Given,
  first: number,
  end: number,
): SomeSessions<Given> {
  const { sessionOffsets, items, times, sessionIds } = sessions;
  const [start, stop] = [sessionOffsets[first], sessionOffsets[end]];
  const slice: SessionArrays = {
    sessionIds: sessionIds?.slice(first, end),
    sessionOffsets: sessionOffsets.subarray(first, end + 1).map((offset) => offset - start),
    items: items.subarray(start, stop),
    times: times?.subarray(start, stop),
    ...contextSlice(sessions, start, stop),
  };
  return slice as SomeSessions<Given>;
}

/**
 * Copies of sessions (fresh).
 * @param chosen - their indices, in the order of the copies.
 */
export function pickSessions<Given extends SessionArrays>(
  sessions: Given,
  chosen: ArrayLike<number>,
): SomeSessions<Given> {
  const { sessionOffsets, items, times, context, sessionIds } = sessions;
  const width = contextWidth(sessions);
  const offsets = new Int32Array(chosen.length + 1);
  for (let at = 0; at < chosen.length; at++) {
    offsets[at + 1] = offsets[at] + sessionOffsets[chosen[at] + 1] - sessionOffsets[chosen[at]];
  }
  const events = offsets[chosen.length];
  const copies = {
    sessionIds: sessionIds && Array.from(chosen, (session) => sessionIds[session]),
    sessionOffsets: offsets,
    items: new Int32Array(events),
    times: times && new BigInt64Array(events),
    context: context && new Int32Array(events * width),
  };
  for (let at = 0; at < chosen.length; at++) {
    const [start, end] = [sessionOffsets[chosen[at]], sessionOffsets[chosen[at] + 1]];
    copies.items.set(items.subarray(start, end), offsets[at]);
    if (times) copies.times?.set(times.subarray(start, end), offsets[at]);
    if (context) copies.context?.set(context.subarray(start * width, end * width), offsets[at] * width);
  }
  return copies as SomeSessions<Given>;
}
