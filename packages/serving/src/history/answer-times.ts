/** How many answers took how long, since the server started. */
export interface AnswerTimes {
  /** Upper bounds in seconds, ascending; the last one is infinite. */
  readonly bounds: readonly number[];
  /** Answers per bound, those of the bounds before not counted. */
  readonly counts: readonly number[];
}

/** What came since an earlier moment. */
export function timesSince(before: AnswerTimes | undefined, now: AnswerTimes): AnswerTimes {
  if (before === undefined) return now;
  return { bounds: now.bounds, counts: now.counts.map((count, at) => count - (before.counts[at] ?? 0)) };
}

/**
 * A quantile in seconds, as `histogram_quantile` of Prometheus estimates it: as if times were uniform between two bounds.
 * @returns undefined without answers; the last finite bound if the quantile is above it.
 */
export function quantileOf({ bounds, counts }: AnswerTimes, share: number): number | undefined {
  let left = share * counts.reduce((sum, count) => sum + count, 0);
  if (left === 0) return undefined;
  for (const [at, count] of counts.entries()) {
    const [from, to] = [bounds[at - 1] ?? 0, bounds[at]];
    if (left <= count) return to === Number.POSITIVE_INFINITY ? from : from + ((to - from) * left) / count;
    left -= count;
  }
  return undefined;
}
