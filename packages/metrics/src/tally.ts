import { CatalogueCoverage } from './coverage.ts';
import { reciprocalRankOfSeveralAt } from './mrr.ts';
import { ndcgOfSeveralAt } from './ndcg.ts';
import type { CutoffSums } from './part-sums.ts';
import { MeanPopularity } from './popularity.ts';
import { recallOfSeveralAt } from './recall.ts';

/** Metrics at one list length, each a mean over predictions unless said. */
export interface CutoffResult {
  readonly cutoff: number;
  readonly recall: number;
  readonly mrr: number;
  readonly ndcg: number;
  /** Share of the catalogue, or of the candidates, that appears in some list. */
  readonly coverage: number;
  /** Mean share of the training events over all places of all lists; NaN if the support was not given. */
  readonly meanPopularity: number;
  /** That over the mean share of the targets: 1 = as popular as what is clicked. Missing if the support was not given. */
  readonly popularityBias?: number;
  /** Confidence intervals by session, [lower, upper]. */
  readonly interval?: {
    readonly recall: readonly [number, number];
    readonly mrr: readonly [number, number];
    readonly ndcg: readonly [number, number];
  };
}

/** What is known of a part before its first prediction. */
export interface TallyOptions {
  readonly itemCount: number;
  /** Number of sessions with a prediction. */
  readonly sessions: number;
  readonly support?: ArrayLike<number> | undefined;
}

/**
 * Sums of one cutoff, per session: cheap to resample, and added up in session order the totals depend neither on the
 * number of slots nor on where parts end.
 */
export class CutoffTally {
  readonly cutoff: number;
  readonly #recall: Float64Array;
  readonly #mrr: Float64Array;
  readonly #ndcg: Float64Array;
  readonly #coverage: CatalogueCoverage;
  readonly #popularity: MeanPopularity | undefined;

  constructor(cutoff: number, { itemCount, sessions, support }: TallyOptions) {
    this.cutoff = cutoff;
    this.#recall = new Float64Array(sessions);
    this.#mrr = new Float64Array(sessions);
    this.#ndcg = new Float64Array(sessions);
    this.#coverage = new CatalogueCoverage(itemCount);
    this.#popularity = support && new MeanPopularity(support);
  }

  /**
   * Adds one prediction.
   *
   * @param session - number of the session among those predicted.
   * @param ranks - of its targets, one or more, no two the same. Read only.
   * @param list - item indices, best first, at least as many as the cutoff has places. Read only.
   */
  add(session: number, ranks: Float64Array, list: Int32Array): void {
    this.#recall[session] += recallOfSeveralAt(ranks, this.cutoff);
    this.#mrr[session] += reciprocalRankOfSeveralAt(ranks, this.cutoff);
    this.#ndcg[session] += ndcgOfSeveralAt(ranks, this.cutoff);
    const places = list.subarray(0, this.cutoff);
    this.#coverage.add(places);
    this.#popularity?.add(places);
  }

  /** @returns the sums so far; the arrays are those that it goes on with. */
  sums(): CutoffSums {
    return {
      recall: this.#recall,
      mrr: this.#mrr,
      ndcg: this.#ndcg,
      recommended: this.#coverage.items(),
      popularity: this.#popularity?.sums,
    };
  }
}
