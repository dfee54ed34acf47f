import { distinctItems, type IndexSets, invert } from './distinct-items.ts';
import { startTimes, type TrainingData } from './training-data.ts';

const DAY_MS = 86_400_000;

/** Training sessions numbered by their start, the earliest 0: of two sessions the greater number is more recent. */
export interface SessionIndex {
  /** The different items of each session, in order of first click. */
  readonly itemsOf: IndexSets;
  /** [members of `itemsOf`] the event of its session, from 0, that clicked the item last. */
  readonly lastClicks: Int32Array;
  /** The sessions that hold each item, ascending. */
  readonly sessionsOf: IndexSets;
  /** [sessions] days from the start of the session to that of the most recent one. */
  readonly ages: Float64Array;
}

/**
 * Orders the training sessions by time and finds for each item the sessions that hold it.
 *
 * Sessions that start together keep their order. Memory is three integers a click.
 *
 * @param caller - the baseline, as messages name it.
 * @returns fresh arrays.
 * @throws TypeError if the data have no `train.sessionStartTimes`.
 * @throws RangeError if there is not a finite time for every session.
 */
export function indexSessions(caller: string, data: TrainingData): SessionIndex {
  const itemCount = data.support.length;
  const starts = startTimes(caller, data);
  const order = Int32Array.from(starts.keys()).sort((a, b) => starts[a] - starts[b] || a - b);
  const train = reorder(data.train, order);
  const itemsOf = distinctItems(train.sessionOffsets, train.items, itemCount);
  const latest = starts[order[order.length - 1]];
  return {
    itemsOf,
    lastClicks: findLastClicks(train, itemsOf, itemCount),
    sessionsOf: invert(itemsOf, itemCount),
    ages: Float64Array.from(order, (session) => (latest - starts[session]) / DAY_MS),
  };
}

type Sessions = Pick<TrainingData['train'], 'sessionOffsets' | 'items'>;

function reorder({ sessionOffsets, items }: Sessions, order: Int32Array): Sessions {
  const ordered = { sessionOffsets: new Int32Array(order.length + 1), items: new Int32Array(items.length) };
  for (let session = 0; session < order.length; session++) {
    const events = items.subarray(sessionOffsets[order[session]], sessionOffsets[order[session] + 1]);
    const start = ordered.sessionOffsets[session];
    ordered.items.set(events, start);
    ordered.sessionOffsets[session + 1] = start + events.length;
  }
  return ordered;
}

function findLastClicks(
  { sessionOffsets, items }: Sessions,
  { offsets, members }: IndexSets,
  itemCount: number,
): Int32Array {
  const lastClicks = new Int32Array(members.length);
  const lastOf = new Int32Array(itemCount);
  for (let session = 0; session + 1 < offsets.length; session++) {
    const start = sessionOffsets[session];
    for (let event = start; event < sessionOffsets[session + 1]; event++)
      lastOf[items[event]] = event - start;
    for (let at = offsets[session]; at < offsets[session + 1]; at++) lastClicks[at] = lastOf[members[at]];
  }
  return lastClicks;
}
