import { type BootstrapOptions, bootstrapIntervals, checkBootstrap } from './bootstrap.ts';
import { checkCutoff } from './check-cutoff.ts';
import { type Runs, ranksOfRuns, sumBySession } from './session-sums.ts';

/** How ranks that were kept are resampled. */
export interface RankBootstrapOptions extends BootstrapOptions {
  /** Length k of the lists, an integer ≥ 1; ranks are whole, so it need not be one of the evaluations' cutoffs. */
  readonly cutoff: number;
}

/**
 * Percentile intervals of recall, MRR and nDCG, by session as in `bootstrapIntervals`, from ranks that were kept: of one
 * evaluation, or of the mean over several of the same predictions, such as one per seed.
 *
 * They tell how far the mean over these runs hangs on which sessions were evaluated, not how far it hangs on the seeds.
 *
 * @param runs - with ranks. Read only.
 * @throws TypeError if an evaluation has no ranks.
 * @throws RangeError if the predictions or the tie rules differ, or an option is outside its range.
 */
export function meanIntervals(
  runs: Runs,
  options: RankBootstrapOptions,
): Record<'recall' | 'mrr' | 'ndcg', [lower: number, upper: number]> {
  checkBootstrap(options);
  checkCutoff('meanIntervals', options.cutoff);
  const ranks = ranksOfRuns('meanIntervals', { runs });
  const { recall, mrr, ndcg, counts } = sumBySession(ranks.runs, options.cutoff);
  const [ofRecall, ofMrr, ofNdcg] = bootstrapIntervals([recall, mrr, ndcg], counts, options);
  return { recall: ofRecall, mrr: ofMrr, ndcg: ofNdcg };
}
