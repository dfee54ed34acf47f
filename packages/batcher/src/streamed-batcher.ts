import type { Batch } from './batch.ts';
import type { Batcher } from './batcher.ts';
import { checkStreamedOptions, type StreamedOptions } from './options.ts';
import { type BatcherPosition, checkEvent, checkPosition } from './position.ts';
import type { SessionBlocks } from './session-blocks.ts';
import { checkEpoch, windowsOf } from './session-order.ts';
import { Slots } from './slots.ts';
import { readBlock, StreamedSessions } from './streamed-sessions.ts';

/**
 * The batches of a `SessionParallelBatcher`, of sessions that are read block by block while training goes on.
 *
 * `next` is synchronous; before it `fill` says whether there is something to wait for. In memory are two windows of
 * blocks and one session a slot, however many blocks there are. `startEpoch` or `restore` comes first.
 */
export class StreamedBatcher implements Batcher {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** Sessions of two or more events. */
  readonly usedSessions: number;
  /** Sessions left out because they have fewer than two events. */
  readonly skippedSessions: number;
  readonly #options: StreamedOptions;
  readonly #minLiveSlots: number;
  /** [blocks + 1], the sessions before each block. */
  readonly #firstSessions: Float64Array;
  #epoch = 0;
  #sessions: StreamedSessions;
  #slots: Slots;
  #eventsPerEpoch: number | undefined;

  /**
   * Reads nothing yet.
   *
   * @throws TypeError if what the order needs is missing.
   * @throws RangeError if a value is outside its range, or sessions do not lie in the order that is asked for.
   */
  constructor(options: StreamedOptions) {
    checkStreamedOptions(options);
    const { blocks } = options.data;
    this.#options = options;
    this.batchSize = options.batchSize;
    this.#minLiveSlots = options.minLiveSlots ?? 1;
    this.#firstSessions = firstSessionsOf(options.data);
    this.usedSessions = blocks.reduce((sum, block) => sum + block.sessionsWithPairs, 0);
    this.skippedSessions = this.#firstSessions[blocks.length] - this.usedSessions;
    this.#sessions = this.#open(0);
    this.#slots = new Slots(this.batchSize, this.#sessions);
  }

  /** Pairs that the epoch feeds; with `minLiveSlots` above 1 known once an epoch was started. */
  get eventsPerEpoch(): number {
    return this.#eventsPerEpoch ?? Number.NaN;
  }

  /**
   * Goes to the first step of an epoch. With `minLiveSlots` above 1 all its blocks are read once to count its pairs.
   *
   * @param epoch - integer in [0, 2²⁰).
   * @throws RangeError if `epoch` is outside that range; what reading throws.
   */
  async startEpoch(epoch: number): Promise<void> {
    await this.#begin(epoch, 0);
    await this.#sessions.fill();
    this.#slots.begin();
  }

  /**
   * Makes sure that what the next step needs is in memory, and that reading goes on.
   *
   * @returns undefined if it is, else a promise to be awaited before `next`; it rejects if reading failed.
   */
  fill(): Promise<void> | undefined {
    return this.#sessions.fill();
  }

  /**
   * Makes the batch of the next step.
   *
   * @returns the batch (reused until the next call), or undefined when the epoch has ended.
   */
  next(): Batch | undefined {
    return this.#slots.live < this.#minLiveSlots ? undefined : this.#slots.next();
  }

  /** @returns where the next step stands, as plain numbers that JSON keeps (fresh). */
  position(): BatcherPosition {
    return { epoch: this.#epoch, nextSession: this.#sessions.taken, ...this.#slots.position() };
  }

  /**
   * Goes to a position that a batcher over the same sessions, streamed or not, has returned.
   *
   * @throws TypeError if `position` has not the form of a position.
   * @throws RangeError if it does not fit this batcher's data or number of slots; what reading throws.
   */
  async restore(position: BatcherPosition): Promise<void> {
    const { batchSize, usedSessions: used } = this;
    const stored = this.#firstSessions[this.#firstSessions.length - 1];
    checkPosition(position, { batchSize, used, stored });
    await this.#begin(position.epoch, position.nextSession);
    this.#slots.empty(position.step);
    for (const [block, slots] of this.#slotsByBlock(position)) {
      const { sessionOffsets, items } = await readBlock(this.#options.data, block);
      for (const { slot, session, event } of slots) {
        const row = session - this.#firstSessions[block];
        const own = items.slice(sessionOffsets[row], sessionOffsets[row + 1]);
        checkEvent(slot, event, own.length);
        this.#slots.put(slot, { session, items: own, first: 0, last: own.length - 1 }, event);
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
    checkEpoch(epoch);
    this.#epoch = epoch;
    this.#eventsPerEpoch = await this.#countPairs(epoch);
    this.#sessions = this.#open(epoch, skipped);
    this.#slots = new Slots(this.batchSize, this.#sessions);
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

  /** Where pairs are left out at the end, how many depends on the order: the epoch is run once to know. */
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
