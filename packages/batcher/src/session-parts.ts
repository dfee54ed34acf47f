import { contextSlice, contextWidth, type SessionArrays } from './session-arrays.ts';

/** Some of the sessions of `Given`, with times and context if these have them. */
export type SomeSessions<Given extends SessionArrays> = SessionArrays & Pick<Given, 'times' & keyof Given>;

/**
 * Consecutive sessions.
 *
 * @param end - of the sessions, exclusive.
 * @returns views, except of the offsets.
 */
export function sliceSessions<Given extends SessionArrays>(
  sessions: Given,
  first: number,
  end: number,
): SomeSessions<Given> {
  const { sessionOffsets, items, times } = sessions;
  const [start, stop] = [sessionOffsets[first], sessionOffsets[end]];
  const slice: SessionArrays = {
    sessionOffsets: sessionOffsets.subarray(first, end + 1).map((offset) => offset - start),
    items: items.subarray(start, stop),
    ...(times && { times: times.subarray(start, stop) }),
    ...contextSlice(sessions, start, stop),
  };
  return slice as SomeSessions<Given>;
}

/**
 * Copies of sessions.
 *
 * @param chosen - their indices, in the order of the copies.
 * @returns fresh arrays.
 */
export function pickSessions<Given extends SessionArrays>(
  sessions: Given,
  chosen: ArrayLike<number>,
): SomeSessions<Given> {
  const { sessionOffsets, items, times, context } = sessions;
  const width = contextWidth(sessions);
  const offsets = new Int32Array(chosen.length + 1);
  for (let at = 0; at < chosen.length; at++) {
    offsets[at + 1] = offsets[at] + sessionOffsets[chosen[at] + 1] - sessionOffsets[chosen[at]];
  }
  const events = offsets[chosen.length];
  const copies = {
    sessionOffsets: offsets,
    items: new Int32Array(events),
    ...(times && { times: new BigInt64Array(events) }),
    ...(context && { context: new Int32Array(events * width) }),
  };
  for (let at = 0; at < chosen.length; at++) {
    const [start, end] = [sessionOffsets[chosen[at]], sessionOffsets[chosen[at] + 1]];
    copies.items.set(items.subarray(start, end), offsets[at]);
    if (times) copies.times?.set(times.subarray(start, end), offsets[at]);
    if (context) copies.context?.set(context.subarray(start * width, end * width), offsets[at] * width);
  }
  return copies as unknown as SomeSessions<Given>;
}
