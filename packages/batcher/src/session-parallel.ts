import type { Seed } from '@gru4rec/random';
import { type Batch, type Batcher, type BatcherPosition, checkEvent, checkPosition } from './batcher.ts';
import { checkSessionParallel, type SessionParallelOptions } from './options.ts';
import { contextWidth } from './session-arrays.ts';
import { sessionsWithPairs, shuffleForEpoch, sortByStartTime } from './session-order.ts';
import { emptyPlace, type SessionPlace, Slots } from './slots.ts';

/**
 * Session-parallel mini-batches: B slots, each of which feeds one session after another.
 *
 * Slot k starts with session k of the order. A step feeds the current item of each live slot's session and predicts the
 * next one. When a session has no next item, its slot takes the first unused session; if none is left, the slot is
 * dead. Slots are never renumbered. The epoch ends when fewer than `minLiveSlots` slots are live. Sessions of fewer
 * than two events have no pair and are skipped.   (Hidasi et al. 2016, arXiv:1511.06939, section 3.1.1)
 */
export class SessionParallelBatcher implements Batcher {
  readonly batchSize: number;
  readonly usedSessions: number;
  readonly skippedSessions: number;
  readonly #offsets: Int32Array;
  readonly #items: Int32Array;
  readonly #context: Int32Array;
  readonly #minLiveSlots: number;
  readonly #shuffled: { readonly seed: Seed; readonly starts: Int32Array } | undefined;
  /** Session indices before shuffling, and in the order of the epoch. It is one array unless sessions are shuffled. */
  readonly #sessions: Int32Array;
  readonly #order: Int32Array;
  readonly #slots: Slots;
  #epoch = 0;
  #nextSession = 0;
  #eventsPerEpoch: number | undefined;

  /**
   * Checks the data and starts epoch 0.
   * @throws TypeError if an array has the wrong type, or if times are missing that the order requires.
   * @throws RangeError if a value is outside its range, or if the arrays do not match.
   */
  constructor(options: SessionParallelOptions) {
    checkSessionParallel(options);
    const { batchSize, order = 'time', seed, sessionStartTimes } = options;
    this.batchSize = batchSize;
    this.#offsets = options.sessionOffsets;
    this.#items = options.items;
    this.#context = options.context ?? new Int32Array(0);
    this.#minLiveSlots = options.minLiveSlots ?? 1;
    this.#sessions = sessionsWithPairs(options.sessionOffsets);
    this.usedSessions = this.#sessions.length;
    this.skippedSessions = options.sessionOffsets.length - 1 - this.#sessions.length;
    if (order === 'time' && sessionStartTimes) sortByStartTime(this.#sessions, sessionStartTimes);
    if (order === 'shuffled' && seed !== undefined) {
      this.#shuffled = { seed, starts: startsOf(this.#sessions, options) };
    }
    this.#order = this.#shuffled ? this.#sessions.slice() : this.#sessions;
    const take = (_: number, place: SessionPlace) => {
      const isLeft = this.#takeFrom(this.#nextSession, place);
      if (isLeft) this.#nextSession++;
      return isLeft;
    };
    this.#slots = new Slots(batchSize, { take }, contextWidth(options));
    this.startEpoch(0);
  }

  /** As of `Batcher`, counted on first access; with `minLiveSlots` above 1, it may differ between shuffled epochs. */
  get eventsPerEpoch(): number {
    this.#eventsPerEpoch ??= this.#countPairs();
    return this.#eventsPerEpoch;
  }

  /** Moves to the first step of an epoch, below 2²⁰. Epochs may be started in any order, and repeatedly. */
  startEpoch(epoch: number): void {
    this.#beginEpoch(epoch);
    this.#slots.begin();
  }

  /** Does nothing, because all sessions are in memory. */
  fill(): undefined {
    return undefined;
  }

  next(): Batch | undefined {
    return this.#slots.live < this.#minLiveSlots ? undefined : this.#slots.next();
  }

  position(): BatcherPosition {
    return { epoch: this.#epoch, nextSession: this.#nextSession, ...this.#slots.position() };
  }

  /**
   * Moves to a position that a batcher with the same data and options has returned.
   * @throws TypeError if `position` is not a position.
   * @throws RangeError if it does not fit the data or the number of slots.
   */
  restore(position: BatcherPosition): void {
    const { batchSize, usedSessions: used } = this;
    checkPosition(position, { batchSize, used, stored: this.#offsets.length - 1 });
    for (const [slot, running] of position.slots.entries()) {
      if (running) checkEvent(slot, running.event, 1 + this.#pairsOf(running.session));
    }
    this.#beginEpoch(position.epoch);
    this.#nextSession = position.nextSession;
    this.#slots.empty(position.step);
    for (const [slot, running] of position.slots.entries()) {
      if (running) this.#slots.put(slot, this.#place(running.session, emptyPlace()), running.event);
    }
  }

  #beginEpoch(epoch: number): void {
    this.#epoch = epoch;
    this.#nextSession = 0;
    if (!this.#shuffled) return;
    const { seed, starts } = this.#shuffled;
    shuffleForEpoch(this.#sessions, starts, { seed, epoch }, this.#order);
    this.#eventsPerEpoch = undefined;
  }

  /** With `minLiveSlots` above 1, the pairs depend on the order, so the epoch is simulated. */
  #countPairs(): number {
    const order = this.#order;
    if (this.#minLiveSlots === 1) return order.reduce((pairs, session) => pairs + this.#pairsOf(session), 0);
    let [next, pairs] = [0, 0];
    const slots = new Slots(this.batchSize, { take: (_, place) => this.#takeFrom(next++, place) });
    slots.begin();
    while (slots.live >= this.#minLiveSlots) pairs += slots.next().liveSlots;
    return pairs;
  }

  #pairsOf(session: number): number {
    return this.#offsets[session + 1] - this.#offsets[session] - 1;
  }

  /** Sets `place` to a session of the epoch's order. @returns false if it has fewer. */
  #takeFrom(at: number, place: SessionPlace): boolean {
    if (at >= this.#order.length) return false;
    this.#place(this.#order[at], place);
    return true;
  }

  #place(session: number, place: SessionPlace): SessionPlace {
    place.session = session;
    place.items = this.#items;
    place.context = this.#context;
    place.first = this.#offsets[session];
    place.last = this.#offsets[session + 1] - 1;
    return place;
  }
}

/** [blocks + 1], the index in `sessions` (ascending) at which each block starts. Without blocks, all sessions are one. */
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
