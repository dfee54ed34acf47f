import type { Seed } from '@gru4rec/random';
import { quantileSorted } from 'simple-statistics';
import { SessionDraws } from './session-draws.ts';

/** Options of a bootstrap. */
export interface BootstrapOptions {
  /** Number of resamples; 1,000 is usual. */
  readonly resamples: number;
  readonly seed: Seed;
  /** Share of the resamples inside an interval, default 0.95. */
  readonly level?: number;
}

/**
 * Percentile confidence intervals of means over predictions, by session (Efron 1979; Davison, Hinkley 1997, 2.4).
 *
 * Predictions of one session are correlated, so a resample draws sessions, not predictions: S of the S sessions with
 * replacement; its mean is Σ sums / Σ counts of the drawn sessions. All metrics share the draws. O(resamples · S ·
 * metrics).
 *
 * @param sums - per metric [S], the sum over each session's predictions. Read only.
 * @param counts - [S] predictions per session, each ≥ 1. Read only.
 * @returns per metric [lower, upper], quantiles (1 ∓ level) / 2 with linear interpolation.
 * @throws RangeError if an option is outside its range.
 */
export function bootstrapIntervals(
  sums: readonly Float64Array[],
  counts: Float64Array,
  options: BootstrapOptions,
): [lower: number, upper: number][] {
  checkBootstrap(options);
  return resampleMeans(sums, counts, options).map((means) => percentileInterval(means, options.level));
}

/**
 * Means of every resample: see {@link bootstrapIntervals}.
 *
 * @returns per metric [resamples], in the order drawn (fresh).
 */
function resampleMeans(
  sums: readonly Float64Array[],
  counts: Float64Array,
  { resamples, seed }: BootstrapOptions,
): Float64Array[] {
  const draws = new SessionDraws(seed, counts.length);
  const means = sums.map(() => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample++) {
    const drawn = draws.next();
    const predictions = sumDrawn(counts, drawn);
    for (const [metric, ofSessions] of sums.entries()) {
      means[metric][resample] = sumDrawn(ofSessions, drawn) / predictions;
    }
  }
  return means;
}

/**
 * @param values - one per resample. Read only.
 * @returns [lower, upper], quantiles (1 ∓ level) / 2 with linear interpolation.
 */
function percentileInterval(values: Float64Array, level = 0.95): [lower: number, upper: number] {
  const tail = (1 - level) / 2;
  const sorted = Array.from(values.toSorted());
  return [quantileSorted(sorted, tail), quantileSorted(sorted, 1 - tail)];
}

/** @throws RangeError if an option is outside its range. */
export function checkBootstrap({ resamples, level = 0.95 }: BootstrapOptions): void {
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`bootstrap: "resamples" expected integer >= 1, got ${resamples}.`);
  }
  if (level > 0 && level < 1) return;
  throw new RangeError(`bootstrap: "level" expected number in (0, 1), got ${level}.`);
}

function sumDrawn(values: Float64Array, drawn: Int32Array): number {
  let sum = 0;
  for (let draw = 0; draw < drawn.length; draw++) sum += values[drawn[draw]];
  return sum;
}
