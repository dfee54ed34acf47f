import { RandomStream, type Seed, shuffleInPlace } from '@gru4rec/random';

/**
 * Order in which sessions are fed: `time`, by first event, equal times in stored order; `stored`; or `shuffled` again
 * in each epoch, within windows of `WINDOW_BLOCKS` blocks.
 */
export type SessionOrder = 'time' | 'stored' | 'shuffled';

/** [sessions] time of each session's first event, in any unit. 64-bit columns hold bigints. Not changed. */
export type SessionStartTimes = ArrayLike<number> | ArrayLike<bigint>;

export interface Shuffle {
  readonly seed: Seed;
  readonly epoch: number;
}

/** Blocks per window. Sessions are shuffled within a window; if there are several windows, blocks are shuffled first. */
const WINDOW_BLOCKS = 16;
/** Words of a stream that are reserved per session. A draw uses fewer than two on average. */
const WORDS_PER_SESSION = 4;
/** Words of a stream that are reserved per epoch, enough for 2³¹ sessions. Positions of 2²⁰ epochs stay below 2⁵³. */
const WORDS_PER_EPOCH = 2 ** 33;

/** Stored indices of the sessions of two or more events, ascending (fresh). */
export function sessionsWithPairs(sessionOffsets: Int32Array): Int32Array {
  const sessions = new Int32Array(Math.max(0, sessionOffsets.length - 1));
  let kept = 0;
  for (let session = 0; session < sessions.length; session++) {
    if (sessionOffsets[session + 1] - sessionOffsets[session] >= 2) sessions[kept++] = session;
  }
  return sessions.slice(0, kept);
}

/** Sorts ascending indices in place; equal times keep that order. `startTimes` are of every stored session. */
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
 * The blocks of an epoch in windows, within which sessions are shuffled. Without `shuffle`, stored order, one block per window.
 * With it, blocks that exceed one window are shuffled by the stream `batcher.blocks`, from position e · 2³³ in epoch e.
 */
export function windowsOf(blocks: number, shuffle?: Shuffle): Int32Array[] {
  const order = Int32Array.from({ length: blocks }, (_, block) => block);
  const size = shuffle ? WINDOW_BLOCKS : 1;
  if (shuffle && blocks > size) shuffleInPlace(order, streamAt('batcher.blocks', shuffle, 0));
  return Array.from({ length: Math.ceil(blocks / size) }, (_, w) => order.subarray(w * size, (w + 1) * size));
}

/** In place, by the stream `batcher.order` from position e · 2³³ + 4 · `before`, the sessions in earlier windows. */
export function shuffleWindow(sessions: Int32Array, shuffle: Shuffle, before: number): void {
  shuffleInPlace(sessions, streamAt('batcher.order', shuffle, before));
}

/** Shuffles ascending `sessions` into `out` [sessions.length]; `starts` [blocks + 1] are where blocks start in them. */
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
