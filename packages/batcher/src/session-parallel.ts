import type { Seed } from '@gru4rec/random';
import { type Batch, createBatch, type MutableBatch } from './batch.ts';
import { countPairs } from './count-pairs.ts';
import { checkOptions, type SessionParallelOptions } from './options.ts';
import { type BatcherPosition, checkPosition } from './position.ts';
import { MAX_EPOCHS, sessionsWithPairs, shuffleForEpoch, sortByStartTime } from './session-order.ts';

const DEAD = -1;

/**
 * Session-parallel mini-batches: B slots, each of which feeds one session after the other.
 *
 * Slot k starts with session k of the order. A step feeds each live slot's current item and predicts its next.
 * A slot whose session has no next item takes the next unused session at its first event; when none is left the
 * slot is dead. Slots are never renumbered. The epoch ends when fewer than `minLiveSlots` slots are live.
 * Sessions of fewer than two events hold no pair and are skipped.   (Hidasi et al. 2016, arXiv:1511.06939, 3.1.1)
 */
export class SessionParallelBatcher {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** Sessions left out because they have fewer than two events. */
  readonly skippedSessions: number;
  readonly #offsets: Int32Array;
  readonly #items: Int32Array;
  readonly #minLiveSlots: number;
  readonly #shuffleSeed: Seed | undefined;
  /** Session indexes in base order, and in the order of the epoch: one array unless sessions are shuffled. */
  readonly #sessions: Int32Array;
  readonly #order: Int32Array;
  readonly #batch: MutableBatch;
  /** [B], per slot: its session (−1 dead), its current event, the last event of its session. */
  readonly #slotSession: Int32Array;
  readonly #slotEvent: Int32Array;
  readonly #slotLast: Int32Array;
  #epoch = 0;
  #step = 0;
  #liveSlots = 0;
  #nextSession = 0;
  #eventsPerEpoch: number | undefined;

  /**
   * Checks the data and starts epoch 0.
   *
   * @throws TypeError if an array has the wrong type or what the order needs is missing.
   * @throws RangeError if a value is outside its range or the arrays do not fit together.
   */
  constructor(options: SessionParallelOptions) {
    checkOptions(options);
    const { batchSize, order = 'time', sessionStartTimes } = options;
    this.batchSize = batchSize;
    this.#offsets = options.sessionOffsets;
    this.#items = options.items;
    this.#minLiveSlots = options.minLiveSlots ?? 1;
    this.#sessions = sessionsWithPairs(options.sessionOffsets);
    this.skippedSessions = options.sessionOffsets.length - 1 - this.#sessions.length;
    if (order === 'time' && sessionStartTimes) sortByStartTime(this.#sessions, sessionStartTimes);
    this.#shuffleSeed = order === 'shuffled' ? options.seed : undefined;
    this.#order = order === 'shuffled' ? this.#sessions.slice() : this.#sessions;
    this.#batch = createBatch(batchSize);
    this.#slotSession = new Int32Array(batchSize);
    this.#slotEvent = new Int32Array(batchSize);
    this.#slotLast = new Int32Array(batchSize);
    this.startEpoch(0);
  }

  /**
   * Pairs of (input, target) that the current epoch feeds from its first to its last step.
   *
   * With `minLiveSlots` 1 that is every pair of consecutive events. Otherwise the tails of the last sessions are
   * left out, and the number may differ between shuffled epochs; it is counted on the first reading.
   */
  get eventsPerEpoch(): number {
    this.#eventsPerEpoch ??= countPairs(this.#order, this.#offsets, this.batchSize, this.#minLiveSlots);
    return this.#eventsPerEpoch;
  }

  /**
   * Goes to the first step of an epoch. Epochs may be started in any sequence, and again.
   *
   * @param epoch - integer in [0, 2²⁰).
   * @throws RangeError if `epoch` is outside that range.
   */
  startEpoch(epoch: number): void {
    if (!Number.isInteger(epoch) || epoch < 0 || epoch >= MAX_EPOCHS) {
      throw new RangeError(`startEpoch: "epoch" expected integer in [0, 2^20), got ${epoch}.`);
    }
    this.#epoch = epoch;
    if (this.#shuffleSeed !== undefined) {
      shuffleForEpoch(this.#sessions, this.#shuffleSeed, epoch, this.#order);
      this.#eventsPerEpoch = undefined;
    }
    this.#step = 0;
    this.#nextSession = 0;
    this.#liveSlots = 0;
    for (let slot = 0; slot < this.batchSize; slot++) {
      this.#takeSession(slot);
      if (this.#slotSession[slot] !== DEAD) this.#liveSlots++;
    }
  }

  /**
   * Makes the batch of the next step.
   *
   * @returns the batch (one object, reused until the next call), or undefined when the epoch has ended.
   */
  next(): Batch | undefined {
    if (this.#liveSlots < this.#minLiveSlots) return undefined;
    const batch = this.#batch;
    batch.step = this.#step++;
    batch.liveSlots = this.#liveSlots;
    for (let slot = 0; slot < this.batchSize; slot++) {
      const session = this.#slotSession[slot];
      if (session === DEAD) {
        batch.input[slot] = -1;
        batch.target[slot] = -1;
        batch.resetMask[slot] = 0;
        batch.live[slot] = 0;
        continue;
      }
      const event = this.#slotEvent[slot];
      batch.input[slot] = this.#items[event];
      batch.target[slot] = this.#items[event + 1];
      batch.resetMask[slot] = event === this.#offsets[session] ? 1 : 0;
      batch.live[slot] = 1;
      this.#slotEvent[slot] = event + 1;
      if (event + 1 < this.#slotLast[slot]) continue;
      this.#takeSession(slot);
      if (this.#slotSession[slot] === DEAD) this.#liveSlots--;
    }
    return batch;
  }

  /** @returns where the next step stands, as plain numbers that JSON keeps (fresh). */
  position(): BatcherPosition {
    const slots = Array.from(this.#slotSession, (session, slot) =>
      session === DEAD ? null : { session, event: this.#slotEvent[slot] - this.#offsets[session] },
    );
    return { epoch: this.#epoch, step: this.#step, nextSession: this.#nextSession, slots };
  }

  /**
   * Goes to a position that a batcher over the same data, with the same options, has returned.
   *
   * @throws TypeError if `position` has not the form of a position.
   * @throws RangeError if it does not fit this batcher's data or number of slots.
   */
  restore(position: BatcherPosition): void {
    checkPosition(position, this.batchSize, this.#sessions.length, this.#offsets);
    this.startEpoch(position.epoch);
    this.#step = position.step;
    this.#nextSession = position.nextSession;
    this.#liveSlots = 0;
    for (const [slot, running] of position.slots.entries()) {
      this.#slotSession[slot] = running ? running.session : DEAD;
      if (!running) continue;
      this.#slotEvent[slot] = this.#offsets[running.session] + running.event;
      this.#slotLast[slot] = this.#offsets[running.session + 1] - 1;
      this.#liveSlots++;
    }
  }

  #takeSession(slot: number): void {
    if (this.#nextSession === this.#order.length) {
      this.#slotSession[slot] = DEAD;
      return;
    }
    const session = this.#order[this.#nextSession++];
    this.#slotSession[slot] = session;
    this.#slotEvent[slot] = this.#offsets[session];
    this.#slotLast[slot] = this.#offsets[session + 1] - 1;
  }
}
