/** Which session runs in each slot, how far it has come, and what it has seen. */
export class SlotSessions {
  readonly #sessionOffsets: Int32Array;
  readonly #session: Int32Array;
  readonly #event: Int32Array;
  readonly #seen: readonly Set<number>[];
  #started = 0;

  /** @param sessionOffsets - [sessions + 1], CSR, of sessions that are started in their order. Read only, kept. */
  constructor(slots: number, sessionOffsets: Int32Array) {
    this.#sessionOffsets = sessionOffsets;
    this.#session = new Int32Array(slots);
    this.#event = new Int32Array(slots);
    this.#seen = Array.from({ length: slots }, () => new Set());
  }

  /**
   * Goes on by one event in a slot.
   *
   * @param starts - whether it is the first of a session.
   * @returns index of the event.
   */
  enter(slot: number, starts: boolean): number {
    if (!starts) return ++this.#event[slot];
    // Slots take sessions in ascending order, so the number of starts is the number of the session.
    this.#session[slot] = this.#started++;
    this.#seen[slot].clear();
    this.#event[slot] = this.#sessionOffsets[this.#session[slot]];
    return this.#event[slot];
  }

  sessionOf(slot: number): number {
    return this.#session[slot];
  }

  /** Clicks of the slot's session so far. */
  positionOf(slot: number): number {
    return this.#event[slot] - this.#sessionOffsets[this.#session[slot]] + 1;
  }

  /** Index behind the last event of the slot's session. */
  endOf(slot: number): number {
    return this.#sessionOffsets[this.#session[slot] + 1];
  }

  /** What the slot's session has seen; its user adds to it, a new session empties it. */
  seenIn(slot: number): Set<number> {
    return this.#seen[slot];
  }
}
