/** Anything that scores every item after each event of a session: a model, a baseline, somebody else's service. */
export interface Scorer {
  /** As it stands in tables and messages. */
  readonly name: string;
  /** I, the number of items; scores of item index i stand in column i. */
  readonly itemCount: number;
  /** Starts scoring `slots` sessions side by side. */
  open(slots: number): ScoringSession;
}

/** Sessions in so many slots, fed one event at a time. */
export interface ScoringSession {
  /**
   * Takes one more event in each slot and scores what may come next.
   *
   * @param input - [slots] item index; −1 in an idle slot, whose scores mean nothing. Read only.
   * @param resetMask - [slots] 1 where the event is the first of a session, else 0. Read only.
   * @returns [slots × itemCount], row-major; a view valid until the next call, not to be written to.
   */
  step(input: Int32Array, resetMask: Float32Array): Float32Array | Float64Array;
  /** Gives back what the session holds. */
  close(): void;
}
