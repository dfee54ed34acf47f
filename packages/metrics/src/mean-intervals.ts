import { integer, type OptionChecks, required } from '@gru4rec/checked-options';
import { bootstrapIntervals } from './bootstrap.ts';
import { allMetrics, type MetricOptions, metricChecks } from './metrics/own-metrics.ts';
import { type PerMetric, perMetric } from './metrics/registry.ts';
import { type Runs, ranksOfRuns, sumBySession } from './session-sums.ts';
import { type BootstrapOptions, bootstrapChecks } from './studentised.ts';

/** How kept ranks are resampled. */
export interface RankBootstrapOptions extends BootstrapOptions, MetricOptions {
  /** Length k of the lists, an integer ≥ 1; ranks are whole, so it need not be one of the evaluations' cutoffs. */
  readonly cutoff: number;
}

/** The checks of how ranks are resampled. */
export const rankBootstrapChecks: OptionChecks<RankBootstrapOptions> = {
  ...bootstrapChecks,
  ...metricChecks,
  cutoff: required(integer(1)),
};

/**
 * Studentised intervals of every metric, by session as in `bootstrapIntervals`, from kept ranks: of one evaluation, or
 * of the mean over several of the same predictions, such as one per seed.
 *
 * They say how much the mean over these runs depends on which sessions were evaluated, not how much it depends on the
 * seeds.
 *
 * @param runs - with ranks. Read only.
 * @throws TypeError if an evaluation has no ranks.
 * @throws RangeError if the predictions or the tie rules differ.
 */
export function meanIntervals(
  runs: Runs,
  options: RankBootstrapOptions,
): PerMetric<readonly [lower: number, upper: number]> {
  const ranks = ranksOfRuns('meanIntervals', { runs });
  const { cutoff, metrics } = options;
  const { sums, counts } = sumBySession(ranks.runs, cutoff, allMetrics(metrics));
  return perMetric(bootstrapIntervals(sums, counts, options), metrics);
}
