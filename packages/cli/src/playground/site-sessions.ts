import type { ItemIds } from '@gru4rec/item-ids';
import { alignItems } from '@gru4rec/model';
import type { PackableSessions, PackableSplits } from '@gru4rec/playground';
import type { SessionDataset } from '@gru4rec/sessions';

/** More held-out sessions take longer to evaluate in a page than they add to the figures. */
const MOST_HELD_OUT = 10_000;
/** Shorter sessions say nothing of what follows. */
const SHORTEST = 2;

/**
 * The latest sessions of a dataset for a page, with the model's item indices and without items that the model does not know.
 *
 * @param most - training sessions to keep.
 * @throws Error if no training session has two items that the model knows.
 */
export function siteSessions(itemIds: ItemIds, dataset: SessionDataset, most: number): PackableSplits {
  const { data } = alignItems(itemIds, dataset);
  const train = latest(knownOnly(data.train, itemIds.length), most);
  if (train.items.length === 0) {
    throw new Error(
      '--data expected sessions with items of the model, got none. Name the dataset that it was trained on',
    );
  }
  const [validation, test] = [data.validation, data.test].map(
    (split) => split && latest(knownOnly(split, itemIds.length), MOST_HELD_OUT),
  );
  return { train, ...(hasEvents(validation) && { validation }), ...(hasEvents(test) && { test }) };
}

function hasEvents(split: PackableSessions | undefined): split is PackableSessions {
  return split !== undefined && split.items.length > 0;
}

function knownOnly(
  { sessionOffsets, items, sessionStartTimes }: PackableSessions,
  itemCount: number,
): PackableSessions {
  const [kept, offsets, times]: [number[], number[], number[]] = [[], [0], []];
  for (const [session, time] of sessionStartTimes.entries()) {
    const events = items.subarray(sessionOffsets[session], sessionOffsets[session + 1]);
    const known = events.filter((item) => item < itemCount);
    if (known.length < SHORTEST) continue;
    for (const item of known) kept.push(item);
    offsets.push(kept.length);
    times.push(time);
  }
  return {
    sessionOffsets: Int32Array.from(offsets),
    items: Int32Array.from(kept),
    sessionStartTimes: Float64Array.from(times),
  };
}

/** The sessions that start last, in their order. A dataset is sorted by start, and so is the result. */
function latest(sessions: PackableSessions, most: number): PackableSessions {
  const { sessionOffsets, items, sessionStartTimes } = sessions;
  const first = Math.max(0, sessionStartTimes.length - most);
  const start = sessionOffsets[first] ?? 0;
  return {
    sessionOffsets: sessionOffsets.subarray(first).map((offset) => offset - start),
    items: items.subarray(start),
    sessionStartTimes: sessionStartTimes.subarray(first),
  };
}
