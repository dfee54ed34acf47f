import type { Batch } from '@gru4rec/batcher';

/** The session of each slot: its index, its current event and the items it has seen. */
export class SlotSessions {
  readonly #sessionOffsets: Int32Array;
  readonly #session: Float64Array;
  readonly #event: Int32Array;
  readonly #seen: readonly Set<number>[];

  /** @param sessionOffsets - [sessions + 1], CSR, of the sessions that batches are made of. Read only, kept. */
  constructor(slots: number, sessionOffsets: Int32Array) {
    this.#sessionOffsets = sessionOffsets;
    this.#session = new Float64Array(slots);
    this.#event = new Int32Array(slots);
    this.#seen = Array.from({ length: slots }, () => new Set());
  }

  /** Advances a live slot by one event. @returns index of the event. */
  enter({ session, resetMask }: Batch, slot: number): number {
    if (resetMask[slot] === 0) return ++this.#event[slot];
    this.#session[slot] = session[slot];
    this.#seen[slot].clear();
    this.#event[slot] = this.#sessionOffsets[session[slot]];
    return this.#event[slot];
  }

  /** Index of the slot's session. */
  sessionOf(slot: number): number {
    return this.#session[slot];
  }

  /** Clicks of the slot's session so far. */
  positionOf(slot: number): number {
    return this.#event[slot] - this.#sessionOffsets[this.#session[slot]] + 1;
  }

  /** Index after the last event of the slot's session. */
  endOf(slot: number): number {
    return this.#sessionOffsets[this.#session[slot] + 1];
  }

  /** Items that the slot's session has seen. The caller adds to it; a new session clears it. */
  seenIn(slot: number): Set<number> {
    return this.#seen[slot];
  }
}
