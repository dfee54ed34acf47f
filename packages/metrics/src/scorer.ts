/** Anything that scores every item after each event of a session: a model, a baseline, somebody else's service. */
export interface Scorer {
  /** As it stands in tables and messages. */
  readonly name: string;
  /** I, the number of items; scores of item index i stand in column i. */
  readonly itemCount: number;
  /** Starts scoring `slots` sessions side by side. */
  open(slots: number): ScoringSession;
}

/** Where the targets of a step stand among all items, and the best items. */
export interface TargetRanks {
  /** [slots] number of items of a greater score than the target's; NaN if a score of the slot is NaN. */
  readonly better: Float32Array | Float64Array;
  /** [slots] number of items of the target's score, itself among them; where `better` is NaN, the first item of a NaN. */
  readonly equal: Float32Array | Float64Array;
  /** [k × slots], row-major: place p of slot s is `top[p·slots + s]`. Best first, equal scores by ascending item index. */
  readonly top: Int32Array;
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
  /**
   * Ranks as {@link RankingSession.rank} does, exactly as the scores of `step` would. For a scorer that ranks faster than
   * it hands out scores. Steps of both kinds may follow each other.
   */
  rank?: RankingSession['rank'];
  /** Gives back what the session holds. */
  close(): void;
}

/** Anything that ranks the targets of sessions among all items without giving scores. */
export interface Ranker {
  /** As shown in tables and messages. */
  readonly name: string;
  /** I, the number of items. */
  readonly itemCount: number;
  /** Starts ranking for `slots` sessions side by side. */
  open(slots: number): RankingSession;
}

/** Sessions in `slots` slots, fed one event at a time, whose targets are ranked. */
export interface RankingSession {
  /**
   * Takes one more event in each slot and ranks the event that follows it among all items.
   *
   * @param input - [slots] item index; −1 in an idle slot, whose ranks have no meaning. Read only.
   * @param resetMask - [slots] 1 where the event is the first of a session, else 0. Read only.
   * @param target - [slots] item index; −1 in an idle slot. Read only.
   * @param k - length of the lists, at most `itemCount`; usually the same in every call.
   * @returns views valid until the next call, not to be written to.
   */
  rank(input: Int32Array, resetMask: Float32Array, target: Int32Array, k: number): TargetRanks;
  /** Releases what the session holds. */
  close(): void;
}
