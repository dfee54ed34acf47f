import type { Seed } from '@gru4rec/random';
import type { Batch } from './batch.ts';
import type { Batcher } from './batcher.ts';
import { countPairs } from './count-pairs.ts';
import { checkOptions, type SessionParallelOptions } from './options.ts';
import { type BatcherPosition, checkEvent, checkPosition } from './position.ts';
import { checkEpoch, sessionsWithPairs, shuffleForEpoch, sortByStartTime } from './session-order.ts';
import { type SessionPlace, Slots } from './slots.ts';

/**
 * Session-parallel mini-batches: B slots, each of which feeds one session after the other.
 *
 * Slot k starts with session k of the order. A step feeds each live slot's current item and predicts its next.
 * A slot whose session has no next item takes the next unused session at its first event; when none is left the
 * slot is dead. Slots are never renumbered. The epoch ends when fewer than `minLiveSlots` slots are live.
 * Sessions of fewer than two events hold no pair and are skipped.   (Hidasi et al. 2016, arXiv:1511.06939, 3.1.1)
 */
export class SessionParallelBatcher implements Batcher {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** Sessions of two or more events. */
  readonly usedSessions: number;
  /** Sessions left out because they have fewer than two events. */
  readonly skippedSessions: number;
  readonly #offsets: Int32Array;
  readonly #items: Int32Array;
  readonly #minLiveSlots: number;
  readonly #shuffled: { readonly seed: Seed; readonly starts: Int32Array } | undefined;
  /** Session indexes in base order, and in the order of the epoch: one array unless sessions are shuffled. */
  readonly #sessions: Int32Array;
  readonly #order: Int32Array;
  readonly #slots: Slots;
  #epoch = 0;
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
    const { batchSize, order = 'time', seed, sessionStartTimes } = options;
    this.batchSize = batchSize;
    this.#offsets = options.sessionOffsets;
    this.#items = options.items;
    this.#minLiveSlots = options.minLiveSlots ?? 1;
    this.#sessions = sessionsWithPairs(options.sessionOffsets);
    this.usedSessions = this.#sessions.length;
    this.skippedSessions = options.sessionOffsets.length - 1 - this.#sessions.length;
    if (order === 'time' && sessionStartTimes) sortByStartTime(this.#sessions, sessionStartTimes);
    if (order === 'shuffled' && seed !== undefined) {
      this.#shuffled = { seed, starts: startsOf(this.#sessions, options) };
    }
    this.#order = this.#shuffled ? this.#sessions.slice() : this.#sessions;
    this.#slots = new Slots(batchSize, { take: (_, place) => this.#take(place) });
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
    this.#beginEpoch(epoch);
    this.#slots.begin();
  }

  /** Nothing is to be waited for: all sessions are in memory. */
  fill(): undefined {
    return undefined;
  }

  /**
   * Makes the batch of the next step.
   *
   * @returns the batch (one object, reused until the next call), or undefined when the epoch has ended.
   */
  next(): Batch | undefined {
    return this.#slots.live < this.#minLiveSlots ? undefined : this.#slots.next();
  }

  /** @returns where the next step stands, as plain numbers that JSON keeps (fresh). */
  position(): BatcherPosition {
    return { epoch: this.#epoch, nextSession: this.#nextSession, ...this.#slots.position() };
  }

  /**
   * Goes to a position that a batcher over the same data, with the same options, has returned.
   *
   * @throws TypeError if `position` has not the form of a position.
   * @throws RangeError if it does not fit this batcher's data or number of slots.
   */
  restore(position: BatcherPosition): void {
    const { batchSize, usedSessions: used } = this;
    checkPosition(position, { batchSize, used, stored: this.#offsets.length - 1 });
    for (const [slot, running] of position.slots.entries()) {
      if (running) checkEvent(slot, running.event, this.#placeOf(running.session).length);
    }
    this.#beginEpoch(position.epoch);
    this.#nextSession = position.nextSession;
    this.#slots.empty(position.step);
    for (const [slot, running] of position.slots.entries()) {
      if (running) this.#slots.put(slot, this.#placeOf(running.session), running.event);
    }
  }

  #beginEpoch(epoch: number): void {
    checkEpoch(epoch);
    this.#epoch = epoch;
    this.#nextSession = 0;
    if (!this.#shuffled) return;
    const { seed, starts } = this.#shuffled;
    shuffleForEpoch(this.#sessions, starts, { seed, epoch }, this.#order);
    this.#eventsPerEpoch = undefined;
  }

  #take(place: SessionPlace): boolean {
    if (this.#nextSession === this.#order.length) return false;
    const session = this.#order[this.#nextSession++];
    place.session = session;
    place.items = this.#items;
    place.first = this.#offsets[session];
    place.last = this.#offsets[session + 1] - 1;
    return true;
  }

  #placeOf(session: number): SessionPlace & { readonly length: number } {
    const [first, end] = [this.#offsets[session], this.#offsets[session + 1]];
    return { session, items: this.#items, first, last: end - 1, length: end - first };
  }
}

/** [blocks + 1], where in `sessions` (ascending) each block starts; all of them are one block if none are given. */
function startsOf(sessions: Int32Array, { sessionOffsets, blocks }: SessionParallelOptions): Int32Array {
  const sizes = blocks?.map((block) => block.sessions) ?? [sessionOffsets.length - 1];
  const starts = new Int32Array(sizes.length + 1);
  let end = 0;
  let at = 0;
  for (const [block, size] of sizes.entries()) {
    end += size;
    while (at < sessions.length && sessions[at] < end) at++;
    starts[block + 1] = at;
  }
  return starts;
}
