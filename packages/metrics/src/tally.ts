import { type BootstrapOptions, bootstrapIntervals } from './bootstrap.ts';
import { CatalogueCoverage } from './coverage.ts';
import { reciprocalRankAt } from './mrr.ts';
import { ndcgAt } from './ndcg.ts';
import { MeanPopularity } from './popularity.ts';
import { recallAt } from './recall.ts';

/** Metrics at one list length, each a mean over predictions unless said. */
export interface CutoffResult {
  readonly cutoff: number;
  readonly recall: number;
  readonly mrr: number;
  readonly ndcg: number;
  /** Share of the catalogue that appears in some list. */
  readonly coverage: number;
  /** Mean share of the training events over all places of all lists; NaN if the support was not given. */
  readonly meanPopularity: number;
  /** Confidence intervals by session, [lower, upper]. */
  readonly interval?: {
    readonly recall: readonly [number, number];
    readonly mrr: readonly [number, number];
  };
}

/** What is known of the run before the first prediction. */
export interface TallyOptions {
  readonly itemCount: number;
  /** Number of sessions with a prediction. */
  readonly sessions: number;
  readonly support?: ArrayLike<number> | undefined;
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
   * @param list - item indices, best first, at least as many as the cutoff has places. Read only.
   */
  add(session: number, rank: number, list: Int32Array): void {
    this.#recall[session] += recallAt(rank, this.cutoff);
    this.#mrr[session] += reciprocalRankAt(rank, this.cutoff);
    this.#ndcg[session] += ndcgAt(rank, this.cutoff);
    const places = list.subarray(0, this.cutoff);
    this.#coverage.add(places);
    this.#popularity?.add(places);
  }

  /** @param counts - [sessions] predictions per session. Read only. */
  result(counts: Float64Array, bootstrap?: BootstrapOptions): CutoffResult {
    const predictions = sum(counts);
    const result = {
      cutoff: this.cutoff,
      recall: sum(this.#recall) / predictions,
      mrr: sum(this.#mrr) / predictions,
      ndcg: sum(this.#ndcg) / predictions,
      coverage: this.#coverage.coverage,
      meanPopularity: this.#popularity?.mean ?? Number.NaN,
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
