import {
  checkSessionArrays,
  contextWidth,
  describeBlock,
  type SessionArrays,
  type SessionBlocks,
} from './session-arrays.ts';
import { type Shuffle, sessionsWithPairs, shuffleWindow } from './session-order.ts';
import type { SessionPlace, SessionQueue } from './slots.ts';

/** Blocks whose sessions are shuffled together. */
interface Window {
  /** The sessions of each block, and the stored index of its first session. */
  readonly parts: readonly { readonly arrays: SessionArrays; readonly firstSession: number }[];
  /** [parts + 1], the number of sessions before each part. */
  readonly starts: readonly number[];
  /** Indices of the sessions with pairs, counted over all parts, in the order in which they are taken. */
  readonly order: Int32Array;
}

export interface StreamedEpoch {
  readonly data: SessionBlocks;
  readonly firstSessions: Float64Array;
  /** Windows of block indices, from `windowsOf`. */
  readonly windows: readonly Int32Array[];
  readonly shuffle: Shuffle | undefined;
  /** Most sessions that a step can take. */
  readonly batchSize: number;
}

/**
 * The sessions of an epoch, read ahead by one window. A session is copied when it is taken, so that a long one does not
 * keep its block in memory.
 */
export class StreamedSessions implements SessionQueue {
  /** Number of sessions taken so far, including those that the constructor skipped. */
  taken: number;
  readonly #epoch: StreamedEpoch;
  readonly #copies: Int32Array[] = [];
  readonly #contexts: Int32Array[] = [];
  readonly #loaded: Window[] = [];
  /** Number of sessions in `#loaded` that are not taken. */
  #available = 0;
  /** Number of sessions of the first loaded window that are taken or skipped. */
  #used: number;
  #nextWindow = 0;
  /** Number of sessions in the windows before `#nextWindow`. */
  #before = 0;
  #reading: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  /** @param skipped - number of sessions at the start of the epoch's order that are already taken. */
  constructor(epoch: StreamedEpoch, skipped = 0) {
    this.#epoch = epoch;
    this.taken = skipped;
    for (const window of epoch.windows) {
      const sessions = this.#sessionsIn(window);
      if (this.#before + sessions > skipped) break;
      this.#before += sessions;
      this.#nextWindow++;
    }
    this.#used = skipped - this.#before;
    this.#available = -this.#used;
  }

  /** Starts reading the next window if needed. @returns a promise, if a step's sessions are not loaded. */
  fill(): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure.cause);
    if (!this.#reading && this.#wantsMore()) this.#reading = this.#readNext();
    return this.#available < this.#epoch.batchSize ? this.#reading?.then(() => this.fill()) : undefined;
  }

  take(slot: number, place: SessionPlace): boolean {
    const window = this.#loaded[0];
    if (window === undefined) {
      if (this.#nextWindow === this.#epoch.windows.length && !this.#reading) return false;
      throw new Error('StreamedBatcher: "next" expected sessions in memory. Await fill() before it.');
    }
    const session = window.order[this.#used++];
    let part = 0;
    while (session >= window.starts[part + 1]) part++;
    const { arrays, firstSession } = window.parts[part];
    const row = session - window.starts[part];
    place.session = firstSession + row;
    const [start, end] = [arrays.sessionOffsets[row], arrays.sessionOffsets[row + 1]];
    const width = contextWidth(arrays);
    place.items = copied(this.#copies, slot, arrays.items, start, end);
    if (arrays.context) {
      place.context = copied(this.#contexts, slot, arrays.context, start * width, end * width);
    }
    place.first = 0;
    place.last = end - start - 1;
    this.taken++;
    this.#available--;
    if (this.#used === window.order.length) {
      this.#loaded.shift();
      this.#used = 0;
    }
    return true;
  }

  /** Whether there is a window to read, and the windows loaded after the current one do not suffice for a step. */
  #wantsMore(): boolean {
    if (this.#nextWindow === this.#epoch.windows.length) return false;
    const inUse = this.#loaded.length === 0 ? 0 : this.#loaded[0].order.length - this.#used;
    return this.#available - inUse < this.#epoch.batchSize;
  }

  async #readNext(): Promise<void> {
    const blocks = this.#epoch.windows[this.#nextWindow++];
    try {
      const window = await readWindow(this.#epoch, blocks, this.#before);
      this.#before += window.order.length;
      this.#available += window.order.length;
      if (window.order.length > 0) this.#loaded.push(window);
    } catch (cause) {
      this.#failure = { cause };
    }
    this.#reading = undefined;
  }

  #sessionsIn(window: Int32Array): number {
    const { blocks } = this.#epoch.data;
    return window.reduce((sum, block) => sum + blocks[block].sessionsWithPairs, 0);
  }
}

/** Copies values from `start` to `end` into the array of a slot, which grows as needed. */
function copied(
  copies: Int32Array[],
  slot: number,
  values: Int32Array,
  start: number,
  end: number,
): Int32Array {
  let copy = copies[slot];
  if (copy === undefined || copy.length < end - start) {
    copy = new Int32Array(Math.max(16, 2 * (end - start)));
    copies[slot] = copy;
  }
  for (let at = start; at < end; at++) copy[at - start] = values[at];
  return copy;
}

async function readWindow(
  { data, firstSessions, shuffle }: StreamedEpoch,
  blocks: Int32Array,
  before: number,
): Promise<Window> {
  const parts: Window['parts'][number][] = [];
  const starts = [0];
  const sessions: Int32Array[] = [];
  for (const block of blocks) {
    const arrays = await readBlock(data, block);
    const start = starts[parts.length];
    sessions.push(sessionsWithPairs(arrays.sessionOffsets).map((row) => start + row));
    parts.push({ arrays, firstSession: firstSessions[block] });
    starts.push(start + arrays.sessionOffsets.length - 1);
  }
  const order = concatenate(sessions);
  if (shuffle) shuffleWindow(order, shuffle, before);
  return { parts, starts, order };
}

/** Reads a block. @throws TypeError, RangeError if it is invalid or differs from the counts in `data.blocks`. */
export async function readBlock(data: SessionBlocks, index: number): Promise<SessionArrays> {
  const arrays = await data.read(index);
  checkSessionArrays('StreamedBatcher', arrays);
  const found = describeBlock(arrays);
  const expected = data.blocks[index];
  for (const name of ['sessions', 'events', 'sessionsWithPairs', 'pairs'] as const) {
    if (found[name] === expected[name]) continue;
    throw new RangeError(
      `StreamedBatcher: block ${index} expected ${expected[name]} ${name} as in the table of blocks, got ${found[name]}.`,
    );
  }
  const columns = data.contextWidth ?? 0;
  if (arrays.items.length === 0 || contextWidth(arrays) === columns) return arrays;
  throw new RangeError(
    `StreamedBatcher: block ${index} expected ${columns} context columns as of all blocks, got ${contextWidth(arrays)}.`,
  );
}

function concatenate(arrays: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
