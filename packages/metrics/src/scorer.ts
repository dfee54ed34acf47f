/** Anything that scores every item after each event of a session: a model, a baseline, an external service. */
export interface Scorer {
  /** As shown in tables and messages. */
  readonly name: string;
  /** I, the number of items; scores of item index i are in column i. */
  readonly itemCount: number;
  /** Starts scoring `slots` parallel sessions. */
  open(slots: number): ScoringSession;
}

/** The ranks of a step's targets among all items, and the best items. */
export interface TargetRanks {
  /** [slots] number of items with a greater score than the target's; NaN if a score of the slot is NaN. */
  readonly better: Float32Array | Float64Array;
  /** [slots] number of items with the target's score, including the target; if `better` is NaN, the first item with a NaN. */
  readonly equal: Float32Array | Float64Array;
  /** [k × slots], row-major: place p of slot s is `top[p·slots + s]`. Best first, equal scores by ascending item index. */
  readonly top: Int32Array;
}

/** Parallel sessions, fed one event at a time. */
export interface ScoringSession {
  /**
   * Takes one more event in each slot and scores the next item.
   * @param input - [slots] item index; −1 in an idle slot, whose scores have no meaning. Read only.
   * @param resetMask - [slots] 1 where the event is the first of a session, else 0. Read only.
   * @param context - [slots × C] the context of each event, as of the sessions; empty without. Read only.
   * @returns [slots × itemCount], row-major; a view valid until the next call; must not be written to.
   */
  step(input: Int32Array, resetMask: Float32Array, context?: Int32Array): Float32Array | Float64Array;
  /**
   * Ranks as {@link RankingSession.rank} does, with exactly the ranks of the scores of `step`. For a scorer that ranks
   * faster than it returns scores. Both methods may be called in any order.
   */
  rank?: RankingSession['rank'];
  /**
   * Takes one more event in each slot as {@link step} does, without scoring. For a scorer whose scores take time: what
   * brings a session to its last click needs the scores of that click only.
   */
  follow?(input: Int32Array, resetMask: Float32Array, context?: Int32Array): void;
  /**
   * The best items of a slot by the scores of its latest step. For a scorer that finds them faster than a pass over a row.
   * @param k - length of the list, at most `itemCount`.
   * @returns [k], best first, equal scores by ascending item index; a view valid until the next call.
   */
  top?(slot: number, k: number): Int32Array;
  /** Releases the session's memory. */
  close(): void;
}

/** Anything that ranks the targets of sessions among all items without giving scores. */
export interface Ranker {
  readonly name: string;
  readonly itemCount: number;
  /** Starts ranking for `slots` parallel sessions. */
  open(slots: number): RankingSession;
}

/** Sessions in `slots` slots, fed one event at a time, whose targets are ranked. */
export interface RankingSession {
  /**
   * Takes one more event in each slot and ranks the event that follows it among all items.
   * `input`, `resetMask` and `context` are as of `ScoringSession.step`.
   * @param target - [slots] item index; −1 in an idle slot, whose ranks have no meaning. Read only.
   * @param k - length of the lists, at most `itemCount`; 0: no lists. Usually the same in every call.
   * @returns views valid until the next call; must not be written to.
   */
  rank(
    input: Int32Array,
    resetMask: Float32Array,
    target: Int32Array,
    k: number,
    context?: Int32Array,
  ): TargetRanks;
  /** Releases the session's memory. */
  close(): void;
}
