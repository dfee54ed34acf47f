import type { SessionArrays } from '@gru4rec/batcher';
import { areOnDisk, type SessionsInMemory, type SessionsOnDisk, type TrainingData } from './training-data.ts';

/** Share of the training events that count as recent, and the least number of recent events. */
const RECENT_SHARE = 0.1;
const LEAST_EVENTS = 50_000;

/**
 * Clicks per item in the latest sessions by start, with a tenth of the training events, at least 50,000 events. Sessions on
 * disk that are not stored in time order count by their place.
 *
 * @returns [I]; the same for sessions in memory and on disk.
 */
export async function countRecentClicks({ itemIds, train }: TrainingData): Promise<Float32Array> {
  const clicks = new Float32Array(itemIds.length);
  let left = Math.max(LEAST_EVENTS, RECENT_SHARE * eventsOf(train));
  for await (const items of areOnDisk(train) ? storedLast(train) : startedLast(train)) {
    for (const item of items) clicks[item] = 1 + Number(clicks[item]);
    left -= items.length;
    if (left <= 0) break;
  }
  return clicks;
}

function eventsOf(train: TrainingData['train']): number {
  return areOnDisk(train) ? train.blocks.reduce((sum, { events }) => sum + events, 0) : train.items.length;
}

/** Items of each session, from the latest start to the earliest. */
function* startedLast(train: SessionsInMemory): Generator<SessionArrays['items']> {
  const { sessionOffsets, items, sessionStartTimes } = train;
  const sessions = Int32Array.from({ length: sessionOffsets.length - 1 }, (_, session) => session);
  sessions.sort((a, b) => Number(sessionStartTimes[b]) - Number(sessionStartTimes[a]) || b - a);
  for (const session of sessions) {
    yield items.subarray(sessionOffsets[session], sessionOffsets[session + 1]);
  }
}

/** Items of each session, the last one of the last block first. */
async function* storedLast(train: SessionsOnDisk): AsyncGenerator<SessionArrays['items']> {
  for (let block = train.blocks.length - 1; block >= 0; block--) {
    const { sessionOffsets, items } = await train.read(block);
    for (let session = sessionOffsets.length - 1; session > 0; session--) {
      yield items.subarray(sessionOffsets[session - 1], sessionOffsets[session]);
    }
  }
}
