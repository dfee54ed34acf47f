/** What training reads. A dataset of `sessions` has this shape; so may anything else. */
export interface TrainingData {
  /** Caller's id of each item index. */
  readonly itemIds: readonly string[];
  /** Training events of each item index. */
  readonly support: Int32Array;
  readonly train: {
    /** CSR, sessions + 1 entries from 0 to items.length. */
    readonly sessionOffsets: Int32Array;
    /** Item indices. */
    readonly items: Int32Array;
    /** Time of each session's first event, any unit. */
    readonly sessionStartTimes: Float64Array;
  };
}
