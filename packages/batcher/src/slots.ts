import { type Batch, type BatcherPosition, createBatch, type MutableBatch } from './batcher.ts';

const DEAD = -1;
const EMPTY = new Int32Array(0);

export interface SessionPlace {
  session: number;
  /** Item indices of this session, and possibly of other sessions. Kept, not copied. */
  items: Int32Array;
  /** [events of `items` × C] their context. Kept, not copied. */
  context: Int32Array;
  /** Its first and last event, as indices in `items`. */
  first: number;
  last: number;
}

export function emptyPlace(): SessionPlace {
  return { session: DEAD, items: EMPTY, context: EMPTY, first: 0, last: 0 };
}

/** The sessions of two or more events, in the order of an epoch. */
export interface SessionQueue {
  /** Sets `place` to the next session, which `slot` feeds until it takes another one. @returns false if none is left. */
  take(slot: number, place: SessionPlace): boolean;
}

/** B slots, each of which feeds one session of a queue after another: see `SessionParallelBatcher`. */
export class Slots {
  readonly #batchSize: number;
  readonly #queue: SessionQueue;
  readonly #batch: MutableBatch;
  readonly #place = emptyPlace();
  /** [B] stored index of each slot's session. */
  readonly #session: Float64Array;
  /** [B] the items that each slot's session is in, and the indices of its first, current and last event in them. */
  readonly #items: Int32Array[];
  readonly #contexts: Int32Array[];
  readonly #first: Int32Array;
  readonly #event: Int32Array;
  /** −1 in a dead slot. */
  readonly #last: Int32Array;
  readonly #contextWidth: number;
  #live = 0;
  #step = 0;

  constructor(batchSize: number, queue: SessionQueue, contextWidth = 0) {
    this.#batchSize = batchSize;
    this.#queue = queue;
    this.#contextWidth = contextWidth;
    this.#batch = createBatch(batchSize, contextWidth);
    this.#session = new Float64Array(batchSize);
    this.#items = new Array(batchSize).fill(EMPTY);
    this.#contexts = new Array(batchSize).fill(EMPTY);
    this.#first = new Int32Array(batchSize);
    this.#event = new Int32Array(batchSize);
    this.#last = new Int32Array(batchSize);
  }

  get live(): number {
    return this.#live;
  }

  /** Lets every slot take a session before the first step of an epoch. */
  begin(): void {
    this.empty(0);
    for (let slot = 0; slot < this.#batchSize; slot++) if (this.#take(slot)) this.#live++;
  }

  /** Makes every slot dead, and sets the number of the next step. */
  empty(step: number): void {
    this.#live = 0;
    this.#step = step;
    this.#last.fill(DEAD);
  }

  /** Puts a session into a dead slot, to continue at one of its events (0 = the first). */
  put(slot: number, place: SessionPlace, event: number): void {
    this.#live++;
    this.#set(slot, place);
    this.#event[slot] += event;
    this.#batch.session[slot] = place.session;
  }

  /** Makes the batch of the next step. @returns the batch, reused by the next call. */
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
        this.#clearContext(slot);
        continue;
      }
      const items = slotItems[slot];
      const event = events[slot];
      input[slot] = items[event];
      target[slot] = items[event + 1];
      live[slot] = 1;
      if (event === firsts[slot]) {
        resetMask[slot] = 1;
        session[slot] = slotSessions[slot];
      } else resetMask[slot] = 0;
      if (this.#contextWidth > 0) this.#copyContext(slot, event);
      events[slot] = event + 1;
      if (event + 1 < last) continue;
      if (!this.#take(slot)) this.#live--;
    }
    return batch;
  }

  /** @returns the step and the slots of a position, in new objects. */
  position(): Pick<BatcherPosition, 'step' | 'slots'> {
    const slots = Array.from(this.#last, (last, slot) =>
      last === DEAD ? null : { session: this.#session[slot], event: this.#event[slot] - this.#first[slot] },
    );
    return { step: this.#step, slots };
  }

  #copyContext(slot: number, event: number): void {
    const width = this.#contextWidth;
    const { context, targetContext } = this.#batch;
    const from = this.#contexts[slot];
    for (let column = 0; column < width; column++) {
      context[slot * width + column] = from[event * width + column];
      targetContext[slot * width + column] = from[(event + 1) * width + column];
    }
  }

  #clearContext(slot: number): void {
    const [start, end] = [slot * this.#contextWidth, (slot + 1) * this.#contextWidth];
    this.#batch.context.fill(-1, start, end);
    this.#batch.targetContext.fill(-1, start, end);
  }

  #take(slot: number): boolean {
    if (this.#queue.take(slot, this.#place)) {
      this.#set(slot, this.#place);
      return true;
    }
    this.#last[slot] = DEAD;
    return false;
  }

  #set(slot: number, { session, items, context, first, last }: SessionPlace): void {
    this.#session[slot] = session;
    this.#items[slot] = items;
    this.#contexts[slot] = context;
    this.#first[slot] = first;
    this.#event[slot] = first;
    this.#last[slot] = last;
  }
}
