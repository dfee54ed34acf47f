import { type Batch, type Batcher, type BatcherPosition, checkEvent, checkPosition } from './batcher.ts';
import { checkStreamed, type StreamedOptions } from './options.ts';
import { contextSlice, type SessionBlocks } from './session-arrays.ts';
import { windowsOf } from './session-order.ts';
import { Slots } from './slots.ts';
import { readBlock, StreamedSessions } from './streamed-sessions.ts';

/**
 * Makes the batches of a `SessionParallelBatcher` from sessions that are read block by block during training.
 *
 * `next` is synchronous, so call `fill` before each step and await its promise, if any. Two windows of blocks and one
 * session per slot are in memory, however many blocks the data have. Call `startEpoch` or `restore` first.
 */
export class StreamedBatcher implements Batcher {
  readonly batchSize: number;
  readonly usedSessions: number;
  readonly skippedSessions: number;
  readonly #options: StreamedOptions;
  readonly #minLiveSlots: number;
  /** [blocks + 1], the number of stored sessions before each block. */
  readonly #firstSessions: Float64Array;
  #epoch = 0;
  #sessions: StreamedSessions;
  #slots: Slots;
  #eventsPerEpoch: number | undefined;

  /**
   * Nothing is read until an epoch starts.
   * @throws RangeError if the order is `time` but sessions are not stored in it.
   */
  constructor(options: StreamedOptions) {
    checkStreamed(options);
    const { blocks } = options.data;
    this.#options = options;
    this.batchSize = options.batchSize;
    this.#minLiveSlots = options.minLiveSlots ?? 1;
    this.#firstSessions = firstSessionsOf(options.data);
    this.usedSessions = blocks.reduce((sum, block) => sum + block.sessionsWithPairs, 0);
    this.skippedSessions = this.#firstSessions[blocks.length] - this.usedSessions;
    this.#sessions = this.#open(0);
    this.#slots = this.#openSlots();
  }

  /** Number of pairs that the current epoch feeds. NaN until an epoch has started. */
  get eventsPerEpoch(): number {
    return this.#eventsPerEpoch ?? Number.NaN;
  }

  /**
   * Moves to the first step of an epoch. With `minLiveSlots` above 1, all blocks may be read once to count its pairs.
   * @throws the errors of reading.
   */
  async startEpoch(epoch: number): Promise<void> {
    await this.#begin(epoch, 0);
    await this.#sessions.fill();
    this.#slots.begin();
  }

  fill(): Promise<void> | undefined {
    return this.#sessions.fill();
  }

  next(): Batch | undefined {
    return this.#slots.live < this.#minLiveSlots ? undefined : this.#slots.next();
  }

  position(): BatcherPosition {
    return { epoch: this.#epoch, nextSession: this.#sessions.taken, ...this.#slots.position() };
  }

  /**
   * Moves to a position that a batcher with the same sessions and options, streamed or not, has returned.
   * @throws as `SessionParallelBatcher.restore`; the errors of reading.
   */
  async restore(position: BatcherPosition): Promise<void> {
    const { batchSize, usedSessions: used } = this;
    const stored = this.#firstSessions[this.#firstSessions.length - 1];
    checkPosition(position, { batchSize, used, stored });
    await this.#begin(position.epoch, position.nextSession);
    this.#slots.empty(position.step);
    for (const [block, slots] of this.#slotsByBlock(position)) {
      const arrays = await readBlock(this.#options.data, block);
      const { sessionOffsets, items } = arrays;
      for (const { slot, session, event } of slots) {
        const row = session - this.#firstSessions[block];
        const [first, end] = [sessionOffsets[row], sessionOffsets[row + 1]];
        const clicks = items.slice(first, end);
        checkEvent(slot, event, clicks.length);
        const context = contextSlice(arrays, first, end).context?.slice() ?? new Int32Array(0);
        this.#slots.put(slot, { session, items: clicks, context, first: 0, last: clicks.length - 1 }, event);
      }
    }
  }

  #slotsByBlock({ slots }: BatcherPosition) {
    const byBlock = new Map<number, { slot: number; session: number; event: number }[]>();
    for (const [slot, running] of slots.entries()) {
      if (!running) continue;
      const block = this.#firstSessions.findLastIndex((first) => first <= running.session);
      byBlock.set(block, [...(byBlock.get(block) ?? []), { slot, ...running }]);
    }
    return byBlock;
  }

  async #begin(epoch: number, skipped: number): Promise<void> {
    this.#epoch = epoch;
    this.#eventsPerEpoch = await this.#countPairs(epoch);
    this.#sessions = this.#open(epoch, skipped);
    this.#slots = this.#openSlots();
  }

  #openSlots(): Slots {
    return new Slots(this.batchSize, this.#sessions, this.#options.data.contextWidth);
  }

  #open(epoch: number, skipped = 0): StreamedSessions {
    const { data, order, seed, batchSize } = this.#options;
    const shuffle = order === 'shuffled' && seed !== undefined ? { seed, epoch } : undefined;
    const windows = windowsOf(data.blocks.length, shuffle);
    return new StreamedSessions(
      { data, firstSessions: this.#firstSessions, windows, shuffle, batchSize },
      skipped,
    );
  }

  /** Counts the pairs of an epoch. With `minLiveSlots` above 1 they depend on the order, so the epoch is simulated. */
  async #countPairs(epoch: number): Promise<number> {
    if (this.#minLiveSlots === 1) {
      return this.#options.data.blocks.reduce((sum, block) => sum + block.pairs, 0);
    }
    if (this.#eventsPerEpoch !== undefined && this.#options.order !== 'shuffled') return this.#eventsPerEpoch;
    const sessions = this.#open(epoch);
    const slots = new Slots(this.batchSize, sessions);
    await sessions.fill();
    slots.begin();
    let pairs = 0;
    while (slots.live >= this.#minLiveSlots) {
      const filling = sessions.fill();
      if (filling) await filling;
      pairs += slots.next().liveSlots;
    }
    return pairs;
  }
}

function firstSessionsOf({ blocks }: SessionBlocks): Float64Array {
  const first = new Float64Array(blocks.length + 1);
  for (const [block, { sessions }] of blocks.entries()) first[block + 1] = first[block] + sessions;
  return first;
}
