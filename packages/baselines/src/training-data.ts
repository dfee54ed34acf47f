/** What the baselines learn from; a session dataset has it. */
export interface TrainingData {
  /** [I] training events per item. */
  readonly support: ArrayLike<number>;
  readonly train: {
    /** [sessions + 1], CSR: session s holds events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
    readonly sessionOffsets: Int32Array;
    /** [events], item index of each event. */
    readonly items: Int32Array;
  };
}

/**
 * Each item's share of the training events, the order of last resort among equal scores.
 *
 * @returns float64 [I], in [0, 1] (fresh).
 * @throws RangeError if there is no training event.
 */
export function eventShares(support: ArrayLike<number>): Float64Array {
  const shares = Float64Array.from(support);
  const events = shares.reduce((sum, count) => sum + count, 0);
  if (!(events > 0)) {
    throw new RangeError(`eventShares: "support" expected training events, got a sum of ${events}.`);
  }
  return shares.map((count) => count / events);
}
