import type { SessionArrays } from '@gru4rec/batcher';
import { areOnDisk, type SessionsInMemory, type SessionsOnDisk, type TrainingData } from './training-data.ts';

/** Share of the training events that count as recent, and the least number of them. */
const RECENT_SHARE = 0.1;
const LEAST_EVENTS = 50_000;

/**
 * Clicks per item in the sessions that started last: those with a tenth of the training events, at least 50,000 of them.
 * Sessions on disk are read in blocks, which count as a whole.
 *
 * @returns [I].
 */
export async function countRecentClicks({ itemIds, train }: TrainingData): Promise<Float32Array> {
  const clicks = new Float32Array(itemIds.length);
  for await (const items of areOnDisk(train) ? latestBlocks(train) : latestSessions(train)) {
    for (const item of items) clicks[item] = 1 + Number(clicks[item]);
  }
  return clicks;
}

function recentEvents(events: number): number {
  return Math.max(LEAST_EVENTS, RECENT_SHARE * events);
}

/** Items of each session, the one that started last first. */
function* latestSessions(train: SessionsInMemory): Generator<SessionArrays['items']> {
  const { sessionOffsets, items, sessionStartTimes } = train;
  let left = recentEvents(items.length);
  const sessions = Int32Array.from({ length: sessionOffsets.length - 1 }, (_, session) => session);
  sessions.sort((a, b) => Number(sessionStartTimes[b]) - Number(sessionStartTimes[a]) || b - a);
  for (const session of sessions) {
    if (left <= 0) return;
    const clicked = items.subarray(sessionOffsets[session], sessionOffsets[session + 1]);
    left -= clicked.length;
    yield clicked;
  }
}

async function* latestBlocks(train: SessionsOnDisk): AsyncGenerator<SessionArrays['items']> {
  let left = recentEvents(train.blocks.reduce((sum, { events }) => sum + events, 0));
  for (let block = train.blocks.length - 1; block >= 0 && left > 0; block--) {
    const { items } = await train.read(block);
    left -= items.length;
    yield items;
  }
}
