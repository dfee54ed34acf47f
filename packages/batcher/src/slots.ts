import { type Batch, createBatch, type MutableBatch } from './batch.ts';
import type { BatcherPosition } from './position.ts';

const DEAD = -1;

/** Where a session's events lie. */
export interface SessionPlace {
  /** Index as stored. */
  session: number;
  /** Item indices, this session's among others; kept, not copied. */
  items: Int32Array;
  /** Of its first and last event in `items`. */
  first: number;
  last: number;
}

/** Sessions of two or more events, one after the other, in the order of an epoch. */
export interface SessionQueue {
  /**
   * Goes to the next session.
   *
   * @param slot - the slot that will feed it until it takes another.
   * @param place - overwritten.
   * @returns false if there is none.
   */
  take(slot: number, place: SessionPlace): boolean;
}

/**
 * B slots, each of which feeds one session after the other, wherever they come from.
 *
 * A step feeds each live slot's current item and predicts its next. A slot whose session has no next item takes the
 * next session of the queue; when none is left the slot is dead. Slots are never renumbered.
 */
export class Slots {
  readonly #batchSize: number;
  readonly #queue: SessionQueue;
  readonly #batch: MutableBatch;
  readonly #place: SessionPlace = { session: DEAD, items: new Int32Array(0), first: 0, last: 0 };
  /** [B], per slot: its session (−1 dead), and where its first, current and last event stand in its items. */
  readonly #session: Float64Array;
  readonly #items: Int32Array[];
  readonly #first: Int32Array;
  readonly #event: Int32Array;
  readonly #last: Int32Array;
  #live = 0;
  #step = 0;

  constructor(batchSize: number, queue: SessionQueue) {
    this.#batchSize = batchSize;
    this.#queue = queue;
    this.#batch = createBatch(batchSize);
    this.#session = new Float64Array(batchSize);
    this.#items = new Array(batchSize).fill(this.#place.items);
    this.#first = new Int32Array(batchSize);
    this.#event = new Int32Array(batchSize);
    this.#last = new Int32Array(batchSize);
  }

  /** Number of slots that hold a session. */
  get live(): number {
    return this.#live;
  }

  /** Lets every slot take a session, before the first step of an epoch. */
  begin(): void {
    this.empty(0);
    for (let slot = 0; slot < this.#batchSize; slot++) if (this.#take(slot)) this.#live++;
  }

  /** Makes every slot dead, before a step of this number. */
  empty(step: number): void {
    this.#live = 0;
    this.#step = step;
    this.#last.fill(DEAD);
  }

  /** Puts a session into a dead slot, to go on at one of its events (0 = the first). */
  put(slot: number, place: SessionPlace, event: number): void {
    this.#live++;
    this.#set(slot, place);
    this.#event[slot] += event;
  }

  /** The next step's batch, reused until the next call. */
  next(): Batch {
    const batch = this.#batch;
    const { input, target, resetMask, live, session } = batch;
    const slotItems = this.#items;
    const slotSessions = this.#session;
    const events = this.#event;
    const firsts = this.#first;
    const lasts = this.#last;
    batch.step = this.#step++;
    batch.liveSlots = this.#live;
    for (let slot = 0; slot < input.length; slot++) {
      const last = lasts[slot];
      if (last === DEAD) {
        input[slot] = -1;
        target[slot] = -1;
        resetMask[slot] = 0;
        live[slot] = 0;
        session[slot] = -1;
        continue;
      }
      const items = slotItems[slot];
      const event = events[slot];
      input[slot] = items[event];
      target[slot] = items[event + 1];
      resetMask[slot] = event === firsts[slot] ? 1 : 0;
      live[slot] = 1;
      session[slot] = slotSessions[slot];
      events[slot] = event + 1;
      if (event + 1 < last) continue;
      if (!this.#take(slot)) this.#live--;
    }
    return batch;
  }

  /** Step and slots of a position (fresh). */
  position(): Pick<BatcherPosition, 'step' | 'slots'> {
    const slots = Array.from(this.#last, (last, slot) =>
      last === DEAD ? null : { session: this.#session[slot], event: this.#event[slot] - this.#first[slot] },
    );
    return { step: this.#step, slots };
  }

  #take(slot: number): boolean {
    if (this.#queue.take(slot, this.#place)) {
      this.#set(slot, this.#place);
      return true;
    }
    this.#last[slot] = DEAD;
    return false;
  }

  #set(slot: number, { session, items, first, last }: SessionPlace): void {
    this.#session[slot] = session;
    this.#items[slot] = items;
    this.#first[slot] = first;
    this.#event[slot] = first;
    this.#last[slot] = last;
  }
}
