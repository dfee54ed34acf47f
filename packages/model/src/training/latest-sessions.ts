import {
  contextJoined,
  describeBlock,
  pickSessions,
  type SessionArrays,
  type SessionBlock,
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
  readonly sessions: SessionsInMemory;
}

/** What is measured after epochs, and what parts are fitted to. */
export interface HeldOutClicks {
  readonly rest: TrainingData['train'];
  readonly sessions?: SessionsInMemory;
  /** Whole sessions whose last clicks `rest` lacks, to fit to; undefined if `sessions` are enough. */
  readonly ended?: SessionsInMemory;
  /** Every pair of clicks that `rest` lacks, in sessions. */
  readonly pairs: SessionsInMemory;
}

/**
 * Holds out the training sessions that started last. Sessions on disk that are not stored in time order count by their place.
 * @param least - fewest held-out sessions of two or more clicks.
 * @returns undefined if that are too few to measure on.
 */
export async function holdOut(
  train: TrainingData['train'],
  share: number,
  least = 1,
): Promise<HeldOut | undefined> {
  const held = await withoutLatest(train, Math.round(share * sessionsOf(train)));
  const { pairs, sessionsWithPairs } = describeBlock(held.sessions);
  return pairs < LEAST_CLICKS || sessionsWithPairs < least ? undefined : held;
}

/** Held-out sessions and clicks to predict in them that are enough to fit parts to. */
const ENOUGH_SESSIONS = 300;
const ENOUGH_CLICKS = 1000;
/** The largest share of the pairs of clicks that are held out as last clicks. */
const MOST_LAST = 1 / 4;

/**
 * If the held-out sessions are fewer than 300 or have fewer than 1,000 clicks to predict, holds out the last clicks of the 1,000
 * sessions before them too, at most a quarter of all pairs of clicks (decision 0061).
 * @returns undefined if there are fewer than 100 clicks to predict.
 */
export async function holdOutClicks(
  train: TrainingData['train'],
  held: HeldOut | undefined,
): Promise<HeldOutClicks | undefined> {
  const { pairs = 0, sessionsWithPairs = 0 } = held ? describeBlock(held.sessions) : {};
  const whole = held && { ...held, pairs: held.sessions };
  if (pairs >= ENOUGH_CLICKS && sessionsWithPairs >= ENOUGH_SESSIONS) return whole;
  const before = held?.rest ?? train;
  const count = sessionsOf(before);
  const most = Math.floor(MOST_LAST * (eventsOf(before) - count));
  const { rest, sessions: ended } = await withoutLatest(before, Math.min(ENOUGH_CLICKS, most, count));
  const ends = halfOf(ended, 1, 2);
  if (describeBlock(ends).pairs < LEAST_CLICKS) return whole;
  return {
    ...held,
    rest: withLast(
      rest,
      halfOf(ended, 0, 1),
      `and ${ended.sessionStartTimes.length} without their last clicks`,
    ),
    ended,
    pairs: joined(held ? [ends, held.sessions] : [ends]),
  };
}

export function sessionsOf(train: TrainingData['train']): number {
  return areOnDisk(train)
    ? train.blocks.reduce((sum, { sessions }) => sum + sessions, 0)
    : train.sessionOffsets.length - 1;
}

function withoutLatest(train: TrainingData['train'], count: number): HeldOut | Promise<HeldOut> {
  return areOnDisk(train) ? holdOutOnDisk(train, count) : holdOutInMemory(train, count);
}

/** Each session before its last `count` events (0), or these (1). The first event of one stays where 1 is cut off. */
function halfOf(sessions: SessionsInMemory, half: 0 | 1, count: 1 | 2): SessionsInMemory {
  const { sessionOffsets: offsets, sessionStartTimes, sessionIds } = sessions;
  const cuts = Array.from(offsets.subarray(1), (end, session) => [
    Math.min(end, Math.max(offsets[session] + 2, end) - count),
    end,
  ]);
  const halves = { ...sessions, sessionOffsets: Int32Array.from([0, ...cuts.flat()]) };
  const chosen = Array.from(cuts.keys(), (session) => 2 * session + half);
  return { ...pickSessions(halves, chosen), sessionStartTimes, sessionIds };
}

/** Sessions, and then some more, which stay in memory. */
function withLast(train: TrainingData['train'], last: SessionsInMemory, name: string): TrainingData['train'] {
  const block = last.sessionStartTimes.length > 0 ? [describeBlock(last)] : [];
  const named = checksumOf(train.checksum, name);
  if (!areOnDisk(train)) {
    const sessionStartTimes = Float64Array.from([...train.sessionStartTimes, ...last.sessionStartTimes]);
    const blocks = train.blocks && { blocks: [...train.blocks, ...block] };
    return { ...joined([train, last]), sessionStartTimes, ...blocks, ...named };
  }
  return {
    ...train,
    ...named,
    blocks: [...train.blocks, ...block],
    read: async (index) => (index < train.blocks.length ? train.read(index) : joined([last])),
    readIds: async (index) =>
      (index < train.blocks.length ? await train.readIds?.(index) : last.sessionIds) ?? [],
  };
}

function checksumOf(checksum: string | undefined, part: string): { readonly checksum?: string } {
  return checksum === undefined ? {} : { checksum: `${checksum} ${part}` };
}

function byStart({ sessionStartTimes: times }: SessionsInMemory): Int32Array {
  return Int32Array.from(times.keys()).sort((a, b) => Number(times[a]) - Number(times[b]) || a - b);
}

function holdOutInMemory(train: SessionsInMemory, count: number): HeldOut {
  const { blocks, checksum } = train;
  const order = byStart(train);
  const first = order.length - count;
  const latest = order.subarray(first).sort();
  const earlier = order.subarray(0, first).sort();
  const rest: SessionsInMemory = {
    ...select(train, earlier),
    blocks: blocks && withoutSessions(blocks, latest),
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
    while (at < absent.length && absent[at] < end) at++;
    return { sessions: block.sessions - (at - before) };
  });
  return shortened.filter(({ sessions }) => sessions > 0);
}

async function holdOutOnDisk(train: SessionsOnDisk, count: number): Promise<HeldOut> {
  const { blocks, checksum } = train;
  // The first block that has held-out sessions, and how many earlier ones it has.
  let [cut, kept] = [0, sessionsOf(train) - count];
  for (; cut < blocks.length && kept >= blocks[cut].sessions; cut++) kept -= blocks[cut].sessions;
  const latest = joined(await Promise.all(blocks.slice(cut).map((_, at) => readWithIds(train, cut + at))));
  const places = Int32Array.from(latest.sessionStartTimes.keys());
  const first = select(latest, places.subarray(0, kept));
  const rest = withLast({ ...train, blocks: blocks.slice(0, cut) }, first, `without the last ${count}`);
  const sessions = select(latest, places.subarray(kept));
  return { rest, sessions: { ...sessions, ...checksumOf(checksum, `last ${count}`) } };
}

/** A block of sessions with their ids. */
export async function readWithIds(train: SessionsOnDisk, index: number): Promise<SessionArrays> {
  return { ...(await train.read(index)), sessionIds: await train.readIds?.(index) };
}

function joined(parts: readonly SessionArrays[]): SessionsInMemory {
  const lengths = parts.flatMap(({ sessionOffsets }) =>
    Array.from(sessionOffsets.subarray(1), (end, i) => end - sessionOffsets[i]),
  );
  const sessionOffsets = new Int32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) sessionOffsets[i + 1] = sessionOffsets[i] + length;
  const items = new Int32Array(sessionOffsets.at(-1) ?? 0);
  const times = parts.every((part) => part.times) ? new BigInt64Array(items.length) : undefined;
  let at = 0;
  for (const part of parts) {
    items.set(part.items, at);
    if (part.times) times?.set(part.times, at);
    at += part.items.length;
  }
  const sessionStartTimes = Float64Array.from(lengths, (_, place) => place);
  const sessionIds = parts.every((part) => part.sessionIds)
    ? parts.flatMap((part) => part.sessionIds ?? [])
    : undefined;
  return { sessionOffsets, items, sessionStartTimes, times, sessionIds, ...contextJoined(parts) };
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
    for (const item of items) clicks[item] = 1 + clicks[item];
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
  const { sessionOffsets, items } = train;
  for (const session of byStart(train).reverse()) {
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
