import { RandomStream, type Seed, shuffleInPlace } from '@gru4rec/random';

/**
 * Order in which sessions are fed: `time`, by first event, equal times in stored order; `stored`; or `shuffled` again
 * in each epoch, within windows of `WINDOW_BLOCKS` blocks.
 */
export type SessionOrder = 'time' | 'stored' | 'shuffled';

/** [sessions] time of each session's first event, in any unit. 64-bit columns hold bigints. Not changed. */
export type SessionStartTimes = ArrayLike<number> | ArrayLike<bigint>;

/** What an epoch's shuffled order depends on, besides the sessions and their blocks. */
export interface Shuffle {
  readonly seed: Seed;
  /** Integer in [0, 2²⁰). */
  readonly epoch: number;
}

/**
 * Blocks per window. Sessions are shuffled within a window; if there are several windows, blocks are shuffled first.
 */
const WINDOW_BLOCKS = 16;
/** Number of epochs whose stream positions stay below 2⁵³. */
const MAX_EPOCHS = 2 ** 20;
/** Words of a stream that are reserved per session. A draw uses fewer than two on average. */
const WORDS_PER_SESSION = 4;
/** Words of a stream that are reserved per epoch, enough for 2³¹ sessions. */
const WORDS_PER_EPOCH = 2 ** 33;

/**
 * Finds the sessions with a pair to learn from, which have two or more events.
 *
 * @param sessionOffsets - [sessions + 1], CSR. Not changed.
 * @returns their stored indices in ascending order, a new array.
 */
export function sessionsWithPairs(sessionOffsets: Int32Array): Int32Array {
  const sessions = new Int32Array(Math.max(0, sessionOffsets.length - 1));
  let kept = 0;
  for (let session = 0; session < sessions.length; session++) {
    if (sessionOffsets[session + 1] - sessionOffsets[session] >= 2) sessions[kept++] = session;
  }
  return sessions.slice(0, kept);
}

/**
 * Sorts session indices by start time, equal times by index.
 *
 * @param sessions - session indices in ascending order, sorted in place.
 * @param startTimes - start time of every stored session, not only of those in `sessions`. Not changed.
 */
export function sortByStartTime(sessions: Int32Array, startTimes: SessionStartTimes): void {
  for (let index = 1; index < sessions.length; index++) {
    if (startTimes[sessions[index]] < startTimes[sessions[index - 1]]) {
      sessions.sort((a, b) => {
        if (startTimes[a] < startTimes[b]) return -1;
        return startTimes[a] > startTimes[b] ? 1 : a - b;
      });
      return;
    }
  }
}

/**
 * The order of the blocks in an epoch, divided into windows.
 *
 * @param blocks - number of blocks.
 * @param shuffle - without it, the order is the stored one, with one block per window. With it, blocks that exceed one
 *   window are shuffled by the stream `batcher.blocks`, from position e · 2³³ in epoch e.
 * @returns windows of block indices, within which sessions are shuffled.
 */
export function windowsOf(blocks: number, shuffle?: Shuffle): Int32Array[] {
  const order = Int32Array.from({ length: blocks }, (_, block) => block);
  const size = shuffle ? WINDOW_BLOCKS : 1;
  if (shuffle && blocks > size) shuffleInPlace(order, streamAt('batcher.blocks', shuffle, 0));
  return Array.from({ length: Math.ceil(blocks / size) }, (_, w) => order.subarray(w * size, (w + 1) * size));
}

/**
 * Shuffles the sessions of a window in place, by the stream `batcher.order` from position e · 2³³ + 4 · `before` in
 * epoch e.
 *
 * @param before - number of sessions in the epoch's earlier windows.
 */
export function shuffleWindow(sessions: Int32Array, shuffle: Shuffle, before: number): void {
  shuffleInPlace(sessions, streamAt('batcher.order', shuffle, before));
}

/**
 * Shuffles sessions in memory for an epoch. The order depends only on sessions, blocks, seed and epoch.
 *
 * @param sessions - session indices in ascending order. Not changed.
 * @param starts - [blocks + 1], the index in `sessions` at which each block starts. Not changed.
 * @param out - [sessions.length], overwritten.
 */
export function shuffleForEpoch(
  sessions: Int32Array,
  starts: Int32Array,
  shuffle: Shuffle,
  out: Int32Array,
): void {
  let filled = 0;
  for (const window of windowsOf(starts.length - 1, shuffle)) {
    const before = filled;
    for (const block of window) {
      out.set(sessions.subarray(starts[block], starts[block + 1]), filled);
      filled += starts[block + 1] - starts[block];
    }
    shuffleWindow(out.subarray(before, filled), shuffle, before);
  }
}

function streamAt(name: string, { seed, epoch }: Shuffle, before: number): RandomStream {
  const stream = new RandomStream(seed, name);
  stream.position = epoch * WORDS_PER_EPOCH + before * WORDS_PER_SESSION;
  return stream;
}

/** @throws RangeError if `epoch` is not an integer in [0, 2²⁰). */
export function checkEpoch(epoch: number): void {
  if (Number.isInteger(epoch) && epoch >= 0 && epoch < MAX_EPOCHS) return;
  throw new RangeError(`startEpoch: "epoch" expected integer in [0, 2^20), got ${epoch}.`);
}

/**
 * Counts the pairs that an epoch feeds, by simulating the slots with only the lengths of the sessions.
 *
 * @param order - stored indices of sessions of two or more events, in the order in which they are fed. Not changed.
 * @param sessionOffsets - [stored sessions + 1], CSR. Not changed.
 * @param batchSize - number of slots.
 * @param minLiveSlots - the epoch ends when fewer slots are live.
 * @returns the number of pairs; with `minLiveSlots` 1 that of all pairs of consecutive events.
 */
export function countPairs(
  order: Int32Array,
  sessionOffsets: Int32Array,
  batchSize: number,
  minLiveSlots: number,
): number {
  const pairsLeft = new Int32Array(Math.min(batchSize, order.length));
  const pairsOf = (session: number): number => sessionOffsets[session + 1] - sessionOffsets[session] - 1;
  if (minLiveSlots === 1) return order.reduce((pairs, session) => pairs + pairsOf(session), 0);
  for (let slot = 0; slot < pairsLeft.length; slot++) pairsLeft[slot] = pairsOf(order[slot]);
  let nextSession = pairsLeft.length;
  let liveSlots = pairsLeft.length;
  let pairs = 0;
  while (liveSlots >= minLiveSlots) {
    pairs += liveSlots;
    for (let slot = 0; slot < pairsLeft.length; slot++) {
      if (pairsLeft[slot] === 0) continue;
      if (--pairsLeft[slot] > 0) continue;
      if (nextSession < order.length) pairsLeft[slot] = pairsOf(order[nextSession++]);
      else liveSlots--;
    }
  }
  return pairs;
}
