import { RandomStream, type Seed, shuffleInPlace } from '@gru4rec/random';

/**
 * In which order sessions are fed: `time` = by first event, equal times as stored; `stored` = as they lie;
 * `shuffled` = anew in each epoch, among the sessions of `WINDOW_BLOCKS` blocks.
 */
export type SessionOrder = 'time' | 'stored' | 'shuffled';

/** Session start times, in any unit; bigint as 64-bit columns hold them. One per session, read only. */
export type SessionStartTimes = ArrayLike<number> | ArrayLike<bigint>;

/** What decides how an epoch is shuffled. */
export interface Shuffle {
  readonly seed: Seed;
  /** Integer in [0, 2²⁰). */
  readonly epoch: number;
}

/** So many blocks are shuffled together; where there are more, blocks are shuffled first. */
const WINDOW_BLOCKS = 16;
/** So many epochs can be shuffled that stream positions stay below 2⁵³. */
const MAX_EPOCHS = 2 ** 20;
/** A session has so many words of its own: two draws, rejections included. */
const WORDS_PER_SESSION = 4;
/** Stream positions of successive epochs lie this far apart: enough words for 2³¹ sessions. */
const WORDS_PER_EPOCH = 2 ** 33;

/**
 * Indexes of the sessions that hold a pair to learn from, two events or more, as stored.
 *
 * @param sessionOffsets - [sessions + 1], CSR. Read only.
 * @returns session indexes, ascending (fresh).
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
 * Sorts session indexes by start time, equal times by index.
 *
 * @param sessions - session indexes, ascending; sorted in place.
 * @param startTimes - per session of the data, not per entry of `sessions`. Read only.
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
 * Which blocks follow each other in an epoch.
 *
 * @param shuffle - absent: as stored. Else blocks that are more than a window are shuffled, by the words of the stream
 *   `batcher.blocks` from e · 2³³ in epoch e.
 * @returns windows of block indexes; sessions are shuffled within one.
 */
export function windowsOf(blocks: number, shuffle?: Shuffle): Int32Array[] {
  const order = Int32Array.from({ length: blocks }, (_, block) => block);
  const size = shuffle ? WINDOW_BLOCKS : 1;
  if (shuffle && blocks > size) shuffleInPlace(order, streamAt('batcher.blocks', shuffle, 0));
  return Array.from({ length: Math.ceil(blocks / size) }, (_, w) => order.subarray(w * size, (w + 1) * size));
}

/**
 * Shuffles the sessions of a window in place, by the words of the stream `batcher.order` from e · 2³³ + 4 · `before`
 * in epoch e.
 *
 * @param before - sessions of the epoch's windows before this one.
 */
export function shuffleWindow(sessions: Int32Array, shuffle: Shuffle, before: number): void {
  shuffleInPlace(sessions, streamAt('batcher.order', shuffle, before));
}

/**
 * The order of an epoch of sessions in memory: a function of sessions, blocks, seed and epoch alone.
 *
 * @param sessions - session indexes, ascending. Read only.
 * @param starts - [blocks + 1], where in `sessions` each block starts. Read only.
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

/** @throws RangeError if `epoch` is no integer in [0, 2²⁰). */
export function checkEpoch(epoch: number): void {
  if (Number.isInteger(epoch) && epoch >= 0 && epoch < MAX_EPOCHS) return;
  throw new RangeError(`startEpoch: "epoch" expected integer in [0, 2^20), got ${epoch}.`);
}
