import { pickSessions, sliceSessions } from '@gru4rec/batcher';
import { type BaselineData, startTimes } from './baseline-data.ts';
import { distinctItems, type IndexSets, invert } from './distinct-items.ts';
import { sharedFloat64, sharedUpTo } from './shared-arrays.ts';

const DAY_MS = 86_400_000;

/** Training sessions numbered by their start, from 0 for the earliest, so that a greater number is more recent. */
export interface SessionIndex {
  /** The distinct items of each session, in order of first click. */
  readonly itemsOf: IndexSets;
  /** [members of `itemsOf`] event of its session, from 0, of the item's last click. */
  readonly lastClicks: Uint16Array | Int32Array;
  /** The sessions with each item, ascending. */
  readonly sessionsOf: IndexSets;
  /** [sessions] days from the start of the session to that of the most recent one. */
  readonly ages: Float64Array;
}

/**
 * Orders the training sessions by time and finds the sessions with each item.
 *
 * Sessions that start at the same time keep their order. Memory is 12 bytes per session, 10 per distinct item of a session
 * (12 if a session has 65,537 events or more) and 4 per item. While the index is built, it takes 8 more bytes per item if
 * all sessions are taken and are in order of their start, as in a dataset; otherwise a copy of the clicks and the order.
 *
 * @param caller - name of the baseline, for messages.
 * @param most - number of sessions to take, those that start last.
 * @returns fresh arrays, over shared memory.
 * @throws TypeError if the data have no `train.sessionStartTimes`.
 * @throws RangeError if a session has no finite time.
 */
export function indexSessions(
  caller: string,
  data: BaselineData,
  most: number = Number.POSITIVE_INFINITY,
): SessionIndex {
  const itemCount = data.support.length;
  const starts = startTimes(caller, data);
  const train = mostRecent({ ...data.train, sessionStartTimes: starts }, most);
  const itemsOf = distinctItems(train.sessionOffsets, train.items, itemCount);
  return {
    itemsOf,
    lastClicks: findLastClicks(train, itemsOf, itemCount),
    sessionsOf: invert(itemsOf, itemCount),
    ages: agesOf(train.sessionStartTimes),
  };
}

type Sessions = Required<BaselineData['train']>;

/** The sessions that start last, by their start. */
function mostRecent(train: Sessions, most: number): Sessions {
  const { sessionOffsets, items, sessionStartTimes: starts } = train;
  const first = Math.max(0, starts.length - most);
  if (!isAscending(starts)) {
    const order = orderByStart(starts).subarray(first);
    const sessionStartTimes = new Float64Array(order.length).map((_, place) => starts[order[place]]);
    return { ...pickSessions({ sessionOffsets, items }, order), sessionStartTimes };
  }
  if (first === 0) return train;
  const latest = sliceSessions({ sessionOffsets, items }, first, starts.length);
  return { ...latest, sessionStartTimes: starts.subarray(first) };
}

function isAscending(starts: Float64Array): boolean {
  for (let session = 1; session < starts.length; session++)
    if (starts[session] < starts[session - 1]) return false;
  return true;
}

function orderByStart(starts: Float64Array): Int32Array {
  const order = new Int32Array(starts.length);
  for (let session = 0; session < order.length; session++) order[session] = session;
  return order.sort((a, b) => starts[a] - starts[b] || a - b);
}

function findLastClicks(
  { sessionOffsets, items }: Sessions,
  { offsets, members }: IndexSets,
  itemCount: number,
): SessionIndex['lastClicks'] {
  const lastClicks = sharedUpTo(longestOf(sessionOffsets) - 1, members.length);
  const lastOf = new Int32Array(itemCount);
  for (let session = 0; session + 1 < offsets.length; session++) {
    const start = sessionOffsets[session];
    for (let event = start; event < sessionOffsets[session + 1]; event++)
      lastOf[items[event]] = event - start;
    for (let at = offsets[session]; at < offsets[session + 1]; at++) lastClicks[at] = lastOf[members[at]];
  }
  return lastClicks;
}

function longestOf(sessionOffsets: Int32Array): number {
  let longest = 0;
  for (let session = 1; session < sessionOffsets.length; session++)
    longest = Math.max(longest, sessionOffsets[session] - sessionOffsets[session - 1]);
  return longest;
}

function agesOf(starts: Float64Array): Float64Array {
  const ages = sharedFloat64(starts.length);
  const latest = starts[starts.length - 1];
  for (let session = 0; session < ages.length; session++) ages[session] = (latest - starts[session]) / DAY_MS;
  return ages;
}
