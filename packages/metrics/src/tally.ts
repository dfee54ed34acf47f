import {
  CatalogueCoverage,
  type ItemEmbeddings,
  listDiversity,
  MeanPopularity,
  type PlaceSums,
} from './list-figures.ts';
import { mapMetrics, metricNames, metrics, type PerMetric } from './metrics/registry.ts';
import type { Protocol } from './plan.ts';
import type { TieRule } from './rank.ts';
import type { Ranks } from './ranks.ts';
import type { EvaluationWarning, TieCounts } from './warnings.ts';

/** The result of an evaluation. */
export interface Evaluation {
  /** Positions predicted: with the defaults, each event of a session but the first. */
  readonly predictions: number;
  /** Sessions with a prediction: with the defaults, all sessions of two or more events. */
  readonly sessions: number;
  /** Always set by `evaluate`; absent means `next`. */
  readonly protocol?: Protocol;
  /** Clicks before the first prediction of a session; absent means 1. */
  readonly warmUp?: number;
  readonly tieRule: TieRule;
  readonly excludeSeen: boolean;
  /** Targets that were excluded as seen, and so missed; 0 without `excludeSeen`. */
  readonly excludedTargets: number;
  /** Targets not predicted because they are not candidates; 0 without `candidates`; absent means 0. */
  readonly outsideTargets?: number;
  /** Targets that share their score; none with `remaining`. */
  readonly ties: TieCounts;
  /** Reasons not to trust the figures, from this evaluation and the `facts` of its options. */
  readonly warnings: readonly EvaluationWarning[];
  /** In the order of the cutoffs. */
  readonly results: readonly CutoffResult[];
  /** Each prediction, with `keepRanks`. */
  readonly ranks?: Ranks;
}

/** Sums over the predictions of a part of the sessions. Plain values, which can be sent to another thread. */
export interface PartSums {
  readonly predictions: number;
  readonly excludedTargets: number;
  readonly outsideTargets: number;
  /** [sessions] predictions of each session, ≥ 1; without sessions that have none. */
  readonly counts: Float64Array;
  /** In the order of the cutoffs. */
  readonly cutoffs: readonly CutoffSums[];
  /** Support of the targets, if the support is known. */
  readonly targets: PlaceSums | undefined;
  readonly ties: TieCounts;
  readonly ranks: Ranks | undefined;
}

/** The sums at one list length. The sums of a metric, [sessions], are over each session's predictions. */
export interface CutoffSums extends PerMetric<Float64Array> {
  /** Items of all lists, each once. */
  readonly recommended: Int32Array;
  /** Support of the items in all lists, if the support is known. */
  readonly popularity: PlaceSums | undefined;
  /** Lists of two items or more and the sum of their diversities in units of 2⁻²⁴, exact in any order; 0 without embeddings. */
  readonly diversity: { readonly lists: number; readonly sum: number };
}

/** Parts of a diversity in which it is added up. */
export const DIVERSITY_PARTS: number = 2 ** 24;

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

export interface TallyOptions {
  readonly itemCount: number;
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

  /** Adds a prediction of a session, by its number among those predicted; without lists, `list` is empty. */
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
