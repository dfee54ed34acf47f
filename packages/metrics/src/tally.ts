import { CatalogueCoverage } from './coverage.ts';
import { type ItemEmbeddings, listDiversity } from './diversity.ts';
import { mapMetrics, metricNames, metrics, type PerMetric } from './metrics/registry.ts';
import { type CutoffSums, DIVERSITY_PARTS } from './part-sums.ts';
import { MeanPopularity } from './popularity.ts';

/** Results at one list length: the metrics, each a mean over predictions, and what the lists hold. */
export interface CutoffResult extends PerMetric<number> {
  readonly cutoff: number;
  /** Share of the catalogue, or of the candidates, that appears in some list; NaN without lists. */
  readonly coverage: number;
  /** Mean share of the training events over all places of all lists; NaN without support or without lists. */
  readonly meanPopularity: number;
  /** That over the mean share of the targets: 1 = as popular as what is clicked. Absent without support or without lists. */
  readonly popularityBias?: number;
  /**
   * Mean self-information of the items of the lists: −log₂ of their share of the training events, in bits. Absent without support
   * or without lists.
   */
  readonly novelty?: number;
  /** Mean of `listDiversity` over the lists of two items or more. Absent without embeddings or without such lists. */
  readonly diversity?: number;
  /** Confidence intervals by session, [lower, upper]. */
  readonly interval?: PerMetric<readonly [number, number]>;
}

/** Sizes of a part. */
export interface TallyOptions {
  readonly itemCount: number;
  /** Number of sessions with a prediction. */
  readonly sessions: number;
  readonly support?: ArrayLike<number> | undefined;
  readonly embeddings?: ItemEmbeddings | undefined;
}

/**
 * Sums of one cutoff per session. They are cheap to resample, and their totals, added in session order, depend neither
 * on the number of slots nor on where parts end.
 */
export class CutoffTally {
  readonly cutoff: number;
  /** [sessions] per metric. */
  readonly #sums: PerMetric<Float64Array>;
  readonly #coverage: CatalogueCoverage;
  readonly #popularity: MeanPopularity | undefined;
  readonly #embeddings: ItemEmbeddings | undefined;
  readonly #diversity = { lists: 0, sum: 0 };

  constructor(cutoff: number, { itemCount, sessions, support, embeddings }: TallyOptions) {
    this.cutoff = cutoff;
    this.#sums = mapMetrics(() => new Float64Array(sessions));
    this.#coverage = new CatalogueCoverage(itemCount);
    this.#popularity = support && new MeanPopularity(support);
    this.#embeddings = embeddings;
  }

  /**
   * Adds one prediction.
   *
   * @param session - number of the session among those predicted.
   * @param ranks - of its targets, one or more, no two the same. Read only.
   * @param list - item indices, best first, at least as many as the cutoff has places; empty without lists. Read only.
   */
  add(session: number, ranks: Float64Array, list: Int32Array): void {
    for (const name of metricNames) this.#sums[name][session] += metrics[name].of(ranks, this.cutoff);
    const places = list.subarray(0, this.cutoff);
    this.#coverage.add(places);
    this.#popularity?.add(places);
    if (!this.#embeddings || places.length < 2) return;
    this.#diversity.lists++;
    this.#diversity.sum += Math.round(listDiversity(places, this.#embeddings) * DIVERSITY_PARTS);
  }

  /** The sums so far, as views: later calls of `add` change them. */
  sums(): CutoffSums {
    return {
      ...this.#sums,
      recommended: this.#coverage.items(),
      popularity: this.#popularity?.sums,
      diversity: { ...this.#diversity },
    };
  }
}
