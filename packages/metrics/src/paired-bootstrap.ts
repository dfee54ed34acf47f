import { checkBootstrap, percentileInterval, resampleMeans } from './bootstrap.ts';
import { checkCutoff } from './check-cutoff.ts';
import type { RankBootstrapOptions } from './mean-intervals.ts';
import { type Runs, ranksOfRuns, sumBySession } from './session-sums.ts';

/** How much one scorer is better than another in one metric. */
export interface PairedDifference {
  /** Mean of the first minus mean of the second. */
  readonly difference: number;
  /** Percentile interval of the difference, by session. */
  readonly interval: readonly [lower: number, upper: number];
  /** Two-sided, in (0, 1]: see {@link pairedBootstrap}. */
  readonly p: number;
}

/** Two scorers compared at one list length. */
export interface PairedComparison {
  readonly cutoff: number;
  readonly recall: PairedDifference;
  readonly mrr: PairedDifference;
}

/**
 * Tests whether two scorers differ on the same predictions, and by how much: the paired bootstrap by session.
 *
 * The difference d is a mean over predictions of a's recall minus b's, or of reciprocal ranks. Sessions are resampled
 * as in `bootstrapIntervals`, each with both its outcomes, B times, which gives d*₁ … d*_B; the interval holds the
 * middle `level` of them. Under the hypothesis of no difference d* − d is distributed as d would be, hence
 *
 * p = (1 + #{ |d*ᵢ − d| ≥ |d| }) / (B + 1), but not below 2^(1 − n), n the sessions in which the two differ
 *
 * (the bootstrap translated to the hypothesis: Efron, Tibshirani 1993, 16.4; paired, for retrieval: Sakai 2006, SIGIR,
 * doi:10.1145/1148170.1148261. They divide the difference by its standard error; we do not, as that hardly varies over
 * thousands of sessions. 1 above and below keeps p from being 0: Davison, Hinkley 1997, 4.2. The bound is the least that a
 * sign test can give: a few sessions that differ alike have resamples that hardly vary, and prove nothing.)
 *
 * p is of one comparison: of twenty without any difference, about one comes out below 0.05. Draws depend on the seed and
 * the number of sessions alone, so all pairs of one seed share them. O(resamples · sessions).
 *
 * With several runs of a scorer, such as one a seed, each prediction counts with its mean over them: the test is of these
 * runs on other sessions, not of other seeds.
 *
 * @param a - with ranks; `b` likewise, all of the same predictions and the same tie rule.
 * @throws TypeError if an evaluation has no ranks.
 * @throws RangeError if the predictions or the tie rules differ, or an option is outside its range.
 */
export function pairedBootstrap(a: Runs, b: Runs, options: RankBootstrapOptions): PairedComparison {
  const { cutoff, level } = options;
  checkBootstrap(options);
  checkCutoff('pairedBootstrap', cutoff);
  const ranks = ranksOfRuns('pairedBootstrap', { a, b });
  const { counts, ...ofA } = sumBySession(ranks.a, cutoff);
  const ofB = sumBySession(ranks.b, cutoff);
  const sums = [ofA.recall.map((sum, s) => sum - ofB.recall[s]), ofA.mrr.map((sum, s) => sum - ofB.mrr[s])];
  const resampled = resampleMeans(sums, counts, options);
  const predictions = total(counts);
  const [recall, mrr] = sums.map((sum, metric) =>
    describeDifference(sum, predictions, { resampled: resampled[metric], level }),
  );
  return { cutoff, recall, mrr };
}

function describeDifference(
  sums: Float64Array,
  predictions: number,
  { resampled, level }: { resampled: Float64Array; level: number | undefined },
): PairedDifference {
  const difference = total(sums) / predictions;
  let asFar = 1;
  for (let resample = 0; resample < resampled.length; resample++) {
    if (Math.abs(resampled[resample] - difference) >= Math.abs(difference)) asFar++;
  }
  const differing = sums.reduce((count, sum) => (sum === 0 ? count : count + 1), 0);
  const least = Math.min(1, 2 ** (1 - differing));
  return {
    difference,
    interval: percentileInterval(resampled, level),
    p: Math.max(least, asFar / (resampled.length + 1)),
  };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
