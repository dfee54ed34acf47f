import { type BootstrapOptions, bootstrapIntervals } from './bootstrap.ts';
import { CatalogueCoverage } from './coverage.ts';
import { reciprocalRankOfSeveralAt } from './mrr.ts';
import { ndcgOfSeveralAt } from './ndcg.ts';
import { MeanPopularity, popularityBias } from './popularity.ts';
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
  };
}

/** What is known of the run before the first prediction. */
export interface TallyOptions {
  readonly itemCount: number;
  /** How many of them can be recommended. */
  readonly candidateCount: number;
  /** Number of sessions with a prediction. */
  readonly sessions: number;
  readonly support?: ArrayLike<number> | undefined;
}

/** What is known of the run after the last prediction. */
export interface TallyTotals {
  /** [sessions] predictions per session. Read only. */
  readonly counts: Float64Array;
  /** Mean popularity of the targets; undefined without the support. */
  readonly targetPopularity?: number | undefined;
  readonly bootstrap?: BootstrapOptions | undefined;
}

/**
 * Sums of one cutoff, per session: cheap to resample, and added up in session order the totals do not depend on
 * the number of slots.
 */
export class CutoffTally {
  readonly cutoff: number;
  readonly #recall: Float64Array;
  readonly #mrr: Float64Array;
  readonly #ndcg: Float64Array;
  readonly #coverage: CatalogueCoverage;
  readonly #popularity: MeanPopularity | undefined;

  constructor(cutoff: number, { itemCount, candidateCount, sessions, support }: TallyOptions) {
    this.cutoff = cutoff;
    this.#recall = new Float64Array(sessions);
    this.#mrr = new Float64Array(sessions);
    this.#ndcg = new Float64Array(sessions);
    this.#coverage = new CatalogueCoverage(itemCount, candidateCount);
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

  result({ counts, targetPopularity, bootstrap }: TallyTotals): CutoffResult {
    const predictions = sum(counts);
    const meanPopularity = this.#popularity?.mean ?? Number.NaN;
    const result = {
      cutoff: this.cutoff,
      recall: sum(this.#recall) / predictions,
      mrr: sum(this.#mrr) / predictions,
      ndcg: sum(this.#ndcg) / predictions,
      coverage: this.#coverage.coverage,
      meanPopularity,
      ...(targetPopularity === undefined
        ? {}
        : { popularityBias: popularityBias(meanPopularity, targetPopularity) }),
    };
    if (bootstrap === undefined) return result;
    const [recall, mrr] = bootstrapIntervals([this.#recall, this.#mrr], counts, bootstrap);
    return { ...result, interval: { recall, mrr } };
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += values[index];
  return total;
}
