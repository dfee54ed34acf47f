import { RandomStream, type Seed, shuffleInPlace } from '@gru4rec/random';

/**
 * In which order sessions are fed: `time` = by first event, equal times as stored; `stored` = as they lie;
 * `shuffled` = anew in each epoch.
 */
export type SessionOrder = 'time' | 'stored' | 'shuffled';

/** Session start times, in any unit; bigint as 64-bit columns hold them. One per session, read only. */
export type SessionStartTimes = ArrayLike<number> | ArrayLike<bigint>;

/** Stream positions of successive epochs lie this far apart: enough words for 2³¹ sessions, rejections included. */
const WORDS_PER_EPOCH = 2 ** 33;
/** So many epochs can be shuffled that stream positions stay below 2⁵³. */
export const MAX_EPOCHS: number = 2 ** 20;

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
 * Shuffles session indexes for one epoch, a function of (sessions, seed, epoch) alone.
 *
 * @param sessions - session indexes, ascending. Read only.
 * @param epoch - integer in [0, 2²⁰); epoch e reads the stream `batcher.order` from word e · 2³³.
 * @param out - [sessions.length], overwritten.
 * @throws TypeError, RangeError for a wrong seed.
 */
export function shuffleForEpoch(sessions: Int32Array, seed: Seed, epoch: number, out: Int32Array): void {
  const stream = new RandomStream(seed, 'batcher.order');
  stream.position = epoch * WORDS_PER_EPOCH;
  out.set(sessions);
  shuffleInPlace(out, stream);
}
