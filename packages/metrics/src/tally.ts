import { type ItemVectors, intraListDistance } from './list-distance.ts';
import { mapMetrics, metricNames, metrics, type PerMetric } from './metrics/registry.ts';
import type { Protocol } from './plan.ts';
import type { TieRule } from './rank.ts';
import type { Ranks } from './ranks.ts';
import type { EvaluationWarning, TieCounts } from './warnings.ts';

export class CatalogueCoverage {
  readonly #recommended: Uint8Array;
  #distinct = 0;

  constructor(itemCount: number) {
    this.#recommended = new Uint8Array(itemCount);
  }

  add(list: Int32Array): void {
    for (let place = 0; place < list.length; place++) {
      if (this.#recommended[list[place]] === 1) continue;
      this.#recommended[list[place]] = 1;
      this.#distinct++;
    }
  }

  /** Share of the items that are in some list, in [0, 1]. */
  get coverage(): number {
    return this.#distinct / this.#recommended.length;
  }

  /** @returns the items of all lists, ascending (fresh). */
  items(): Int32Array {
    const items = new Int32Array(this.#distinct);
    for (let item = 0, count = 0; count < items.length; item++) {
      if (this.#recommended[item] === 1) items[count++] = item;
    }
    return items;
  }
}

/** Sums of support over the places of lists. */
export interface PlaceSums {
  /** Sum of the support of the items. */
  readonly support: number;
  readonly places: number;
  /** Places of items with support, and the sum of their self-information in units of 2⁻¹⁶ bit: exact in any order. */
  readonly knownPlaces: number;
  readonly information: number;
}

/** Parts of a bit in which self-information is added up: up to 2³² places of items of 32 bits stay exact. */
const BIT = 65_536;

/**
 * Mean popularity: over all places of all lists, the item's share support / Σ support of the training events (ARP as a share; Yin,
 * Cui, Li, Yao, Chen 2012, PVLDB 5). Novelty: over the places of items with support, the mean of −log₂ of that share, in bits
 * (Zhou, Kuscsik, Liu, Medo, Wakeling, Zhang 2010, PNAS 107, with clicks in place of users).
 */
export class MeanPopularity {
  readonly #support: ArrayLike<number>;
  readonly #total: number;
  readonly #sums = { support: 0, places: 0, knownPlaces: 0, information: 0 };

  /** @param support - [I] training events per item. Read only, kept. */
  constructor(support: ArrayLike<number>) {
    this.#support = support;
    let total = 0;
    for (let item = 0; item < support.length; item++) total += support[item];
    this.#total = total;
  }

  add(list: Int32Array): void {
    const sums = this.#sums;
    for (let place = 0; place < list.length; place++) {
      const support = this.#support[list[place]];
      sums.support += support;
      if (support <= 0) continue;
      sums.information += Math.round(-Math.log2(support / this.#total) * BIT);
      sums.knownPlaces++;
    }
    sums.places += list.length;
  }

  addSums({ support, places, knownPlaces, information }: PlaceSums): void {
    this.#sums.support += support;
    this.#sums.places += places;
    this.#sums.knownPlaces += knownPlaces;
    this.#sums.information += information;
  }

  get sums(): PlaceSums {
    return { ...this.#sums };
  }

  /** In [0, 1]; NaN before the first list. */
  get mean(): number {
    return this.#sums.support / (this.#sums.places * this.#total);
  }

  /** In bits, at least 0, with an error of at most 2⁻¹⁷; NaN before the first list. */
  get novelty(): number {
    return this.#sums.information / (this.#sums.knownPlaces * BIT);
  }
}

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
  /** Targets that share their score; none with `remaining`. */
  readonly ties: TieCounts;
  /** Reasons not to trust the figures, from this evaluation and the `facts` of its options. */
  readonly warnings: readonly EvaluationWarning[];
  /** In the order of the cutoffs. */
  readonly results: readonly CutoffResult[];
  /** Each prediction, with `keepRanks`. */
  readonly ranks?: Ranks;
}

/**
 * The figures of an evaluation for lists of one length.
 * @throws RangeError if `cutoff` was not among the cutoffs of the evaluation.
 * @example
 * const { recall, mrr, ndcg } = figuresAt(evaluate(model.scorer(), test, { cutoffs: [5, 20] }), 5);
 */
export function figuresAt({ results }: Pick<Evaluation, 'results'>, cutoff: number): CutoffResult {
  const result = results.find((one) => one.cutoff === cutoff);
  if (result) return result;
  const known = results.map((one) => one.cutoff).join(' or ');
  throw new RangeError(
    `figuresAt: "cutoff" expected ${known}, the cutoffs of the evaluation, got ${cutoff}.`,
  );
}

/** Sums over the predictions of a part of the sessions. Plain values, which can be sent to another thread. */
export interface PartSums {
  readonly predictions: number;
  readonly excludedTargets: number;
  /** [sessions] predictions of each session, ≥ 1; without sessions that have none. */
  readonly counts: Float64Array;
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
  /** [sessions] sums of the intra-list distance, if items have vectors. */
  readonly distance: Float64Array | undefined;
}

/** Results at one list length: the metrics, each a mean over predictions, and what the lists hold. */
export interface CutoffResult extends PerMetric<number> {
  readonly cutoff: number;
  /** Share of the catalogue that appears in some list; NaN without lists. */
  readonly coverage: number;
  /** Mean share of the training events over all places of all lists; NaN without support or without lists. */
  readonly meanPopularity: number;
  /**
   * That over the mean share of the targets: 1 = as popular as what is clicked, which is 1 + the popularity lift (Abdollahpouri,
   * Mansoury, Burke, Mobasher 2019, arXiv:1907.13286, ΔGAP; with targets in place of profiles, as a session has none). Infinity
   * or NaN if no target was ever seen in training; absent without support or without lists.
   */
  readonly popularityBias?: number;
  /**
   * Mean self-information of the items of the lists: −log₂ of their share of the training events, in bits. Absent without support
   * or without lists.
   */
  readonly novelty?: number;
  /** Mean over lists of 1 − the mean cosine of two items. Absent without vectors or without lists. */
  readonly intraListDistance?: number;
  /** Confidence intervals by session, [lower, upper]. */
  readonly interval?: PerMetric<readonly [number, number]> | undefined;
}

interface ItemFacts {
  readonly support: ArrayLike<number> | undefined;
  readonly vectors: ItemVectors | undefined;
}

/** Sums of one cutoff per session: their totals, in session order, depend neither on slots nor on where parts end. */
export class CutoffTally {
  readonly cutoff: number;
  readonly #sums: PerMetric<Float64Array>;
  readonly #coverage: CatalogueCoverage;
  readonly #popularity: MeanPopularity | undefined;
  readonly #vectors: ItemVectors | undefined;
  readonly #distance: Float64Array | undefined;

  constructor(cutoff: number, itemCount: number, sessions: number, { support, vectors }: ItemFacts) {
    this.cutoff = cutoff;
    this.#vectors = vectors;
    this.#distance = vectors && new Float64Array(sessions);
    this.#sums = mapMetrics(() => new Float64Array(sessions));
    this.#coverage = new CatalogueCoverage(itemCount);
    this.#popularity = support && new MeanPopularity(support);
  }

  /** Adds a prediction of a session, by its number among those predicted; without lists, `list` is empty. */
  add(session: number, ranks: Float64Array, list: Int32Array): void {
    for (const name of metricNames) this.#sums[name][session] += metrics[name].of(ranks, this.cutoff);
    const places = list.subarray(0, this.cutoff);
    this.#coverage.add(places);
    this.#popularity?.add(places);
    if (this.#vectors && this.#distance) this.#distance[session] += intraListDistance(places, this.#vectors);
  }

  /** The sums so far, as views: later calls of `add` change them. */
  sums(): CutoffSums {
    return {
      ...this.#sums,
      recommended: this.#coverage.items(),
      popularity: this.#popularity?.sums,
      distance: this.#distance,
    };
  }
}
