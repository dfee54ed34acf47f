import {
  contextJoined,
  describeBlock,
  pickSessions,
  type SessionArrays,
  type SessionBlock,
  sliceSessions,
} from '@gru4rec/batcher';
import {
  areOnDisk,
  eventsOf,
  type SessionsInMemory,
  type SessionsOnDisk,
  type TrainingData,
} from './training-data.ts';

/** Fewest clicks to predict in the held-out sessions. Fewer would choose an epoch by chance. */
const LEAST_CLICKS = 100;

/** Training sessions without the latest ones, and the latest ones. */
export interface HeldOut {
  readonly rest: TrainingData['train'];
  /** In the order of `rest`. */
  readonly sessions: SessionsInMemory;
}

/**
 * Holds out the training sessions that started last. Sessions on disk that are not stored in time order count by their place.
 * @param share - of the sessions, in (0, 1).
 * @param least - fewest held-out sessions of two or more clicks.
 * @returns undefined if that are too few to measure on.
 */
export async function holdOut(
  train: TrainingData['train'],
  share: number,
  least = 1,
): Promise<HeldOut | undefined> {
  const held = areOnDisk(train) ? await holdOutOnDisk(train, share) : holdOutInMemory(train, share);
  const { pairs, sessionsWithPairs } = describeBlock(held.sessions);
  return pairs < LEAST_CLICKS || sessionsWithPairs < least ? undefined : held;
}

function heldOutOf(sessions: number, share: number): number {
  return Math.round(share * sessions);
}

function checksumOf(checksum: string | undefined, part: string): { readonly checksum?: string } {
  return checksum === undefined ? {} : { checksum: `${checksum} ${part}` };
}

function holdOutInMemory(train: SessionsInMemory, share: number): HeldOut {
  const { sessionStartTimes: times, blocks, checksum } = train;
  const order = Int32Array.from(times, (_, session) => session);
  order.sort((a, b) => Number(times[a]) - Number(times[b]) || a - b);
  const first = order.length - heldOutOf(order.length, share);
  const latest = order.subarray(first).sort();
  const earlier = order.subarray(0, first).sort();
  const rest: SessionsInMemory = {
    ...select(train, earlier),
    ...(blocks && { blocks: withoutSessions(blocks, latest) }),
    ...checksumOf(checksum, `without the last ${latest.length}`),
  };
  return { rest, sessions: { ...select(train, latest), ...checksumOf(checksum, `last ${latest.length}`) } };
}

function select(train: SessionsInMemory, sessions: Int32Array): SessionsInMemory {
  const sessionStartTimes = Float64Array.from(sessions, (session) =>
    Number(train.sessionStartTimes[session]),
  );
  return { ...pickSessions(train, sessions), sessionStartTimes };
}

/** The counts of blocks that lack some sessions, given in ascending order. */
function withoutSessions(
  blocks: readonly Pick<SessionBlock, 'sessions'>[],
  absent: Int32Array,
): Pick<SessionBlock, 'sessions'>[] {
  let [end, at] = [0, 0];
  const shortened = blocks.map((block) => {
    end += block.sessions;
    const before = at;
    while (at < absent.length && Number(absent[at]) < end) at++;
    return { sessions: block.sessions - (at - before) };
  });
  return shortened.filter(({ sessions }) => sessions > 0);
}

async function holdOutOnDisk(train: SessionsOnDisk, share: number): Promise<HeldOut> {
  const { blocks, checksum } = train;
  const all = blocks.reduce((sum, { sessions }) => sum + sessions, 0);
  const count = heldOutOf(all, share);
  // The first block that has held-out sessions, and how many earlier ones it has.
  let [cut, kept] = [0, all - count];
  for (; cut < blocks.length && kept >= Number(blocks[cut]?.sessions); cut++)
    kept -= Number(blocks[cut]?.sessions);
  const parts: SessionArrays[] = [];
  for (let block = cut; block < blocks.length; block++) {
    const whole = await train.read(block);
    parts.push(block === cut ? sliceSessions(whole, kept, whole.sessionOffsets.length - 1) : whole);
  }
  const shortened = kept > 0 ? [sliceSessions(await train.read(cut), 0, kept)].map(describeBlock) : [];
  const rest: SessionsOnDisk = {
    ...train,
    blocks: [...blocks.slice(0, cut), ...shortened],
    checksum: `${checksum} without the last ${count}`,
    read: async (index) => {
      const block = await train.read(index);
      return index === cut ? sliceSessions(block, 0, kept) : block;
    },
  };
  return { rest, sessions: { ...joined(parts), ...checksumOf(checksum, `last ${count}`) } };
}

function joined(parts: readonly SessionArrays[]): SessionsInMemory {
  const lengths = parts.flatMap(({ sessionOffsets }) =>
    Array.from(sessionOffsets.subarray(1), (end, i) => end - Number(sessionOffsets[i])),
  );
  const sessionOffsets = new Int32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) sessionOffsets[i + 1] = Number(sessionOffsets[i]) + length;
  const items = new Int32Array(sessionOffsets.at(-1) ?? 0);
  const times = parts.every((part) => part.times) ? new BigInt64Array(items.length) : undefined;
  let at = 0;
  for (const part of parts) {
    items.set(part.items, at);
    if (part.times) times?.set(part.times, at);
    at += part.items.length;
  }
  const sessionStartTimes = Float64Array.from(lengths, (_, place) => place);
  return { sessionOffsets, items, sessionStartTimes, ...(times && { times }), ...contextJoined(parts) };
}

/** Share of the training events that count as recent, and the least number of recent events. */
const RECENT_SHARE = 0.1;
const LEAST_EVENTS = 50_000;

/**
 * Clicks per item in the latest sessions by start, with a tenth of the training events, at least 50,000 events. Sessions on disk
 * that are not stored in time order count by their place.
 * @returns [I]; the same for sessions in memory and on disk.
 */
export async function countRecentClicks({ itemIds, train }: TrainingData): Promise<Float32Array> {
  const clicks = new Float32Array(itemIds.length);
  let left = Math.max(LEAST_EVENTS, RECENT_SHARE * eventsOf(train));
  for await (const items of latestFirst(train)) {
    for (const item of items) clicks[item] = 1 + Number(clicks[item]);
    left -= items.length;
    if (left <= 0) break;
  }
  return clicks;
}

/** The items of each session, those of sessions that started last first. */
export function latestFirst(
  train: TrainingData['train'],
): AsyncGenerator<SessionArrays['items']> | Generator<SessionArrays['items']> {
  return areOnDisk(train) ? storedLast(train) : startedLast(train);
}

function* startedLast(train: SessionsInMemory): Generator<SessionArrays['items']> {
  const { sessionOffsets, items, sessionStartTimes } = train;
  const sessions = Int32Array.from({ length: sessionOffsets.length - 1 }, (_, session) => session);
  sessions.sort((a, b) => Number(sessionStartTimes[b]) - Number(sessionStartTimes[a]) || b - a);
  for (const session of sessions) {
    yield items.subarray(sessionOffsets[session], sessionOffsets[session + 1]);
  }
}

async function* storedLast(train: SessionsOnDisk): AsyncGenerator<SessionArrays['items']> {
  for (let block = train.blocks.length - 1; block >= 0; block--) {
    const { sessionOffsets, items } = await train.read(block);
    for (let session = sessionOffsets.length - 1; session > 0; session--) {
      yield items.subarray(sessionOffsets[session - 1], sessionOffsets[session]);
    }
  }
}
