import { type BootstrapOptions, studentisedMeans } from './studentised.ts';

/**
 * Confidence intervals of means over predictions of values in [0, 1], by session: `studentisedMeans`, within [0, 1].
 *
 * Predictions of one session are correlated, so a resample draws sessions, not predictions. Of simulated intervals of 10
 * to 100 sessions at level 0.95, 93.7 to 98.7 % contain the true mean; of percentile intervals, 76.5 to 94.0 % do (README;
 * `bootstrap.long.test.ts`). An interval is [0, 1] if a share 1 − level of the resamples has no variance.
 *
 * @param sums - per metric [S], the sum over each session's predictions. Read only.
 * @param counts - [S] predictions per session, each ≥ 1. Read only.
 * @returns per metric [lower, upper]; all share the draws.
 * @throws RangeError if an option is outside its range.
 */
export function bootstrapIntervals(
  sums: readonly Float64Array[],
  counts: Float64Array,
  options: BootstrapOptions,
): [lower: number, upper: number][] {
  return studentisedMeans(sums, counts, options).map(({ interval: [lower, upper] }) => [
    Math.max(0, lower),
    upper,
  ]);
}
