/** How queries are batched, and how much is held. */
export interface InferenceLimits {
  /** The most queries per batch (32). */
  readonly maxBatch: number;
  /** How long a query may wait for a batch to fill while the thread computes another (1 ms). */
  readonly maxWaitMs: number;
  /** The most queries that wait; more are refused (4,096). */
  readonly maxQueue: number;
  /** The most sessions whose hidden state is held (100,000). */
  readonly maxStates: number;
  /**
   * A model that answers a lone question within this time answers on the event loop, where no message has to travel, if the
   * server has an engine for it (0.2 ms). 0: every model has its thread.
   */
  readonly maxLoopMs: number;
  /**
   * The most items of a model whose lists are exact (2,000,000). Those of larger ones read groups of similar items, see
   * `Gru4Rec.probe`; but not where models learn, or have freshness or features of items.
   */
  readonly exactItems: number;
}

/** Default limits. */
export const inferenceLimits: InferenceLimits = {
  maxBatch: 32,
  maxWaitMs: 1,
  maxQueue: 4096,
  maxStates: 100_000,
  maxLoopMs: 0.2,
  exactItems: 2_000_000,
};
