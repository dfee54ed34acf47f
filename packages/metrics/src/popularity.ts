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
 * Mean popularity of the recommended items: over all places of all lists, the item's share of the training events,
 * support / Σ support. Recommending only the most popular item gives its share; items drawn by their support
 * give Σ share²; items drawn uniformly give 1 / I. This is the average recommendation popularity as a share
 * (ARP; Yin, Cui, Li, Yao, Chen 2012, PVLDB 5).
 *
 * And novelty: over the same places, without items that have no support, the mean of −log₂ of that share, in bits
 * (mean self-information; Zhou, Kuscsik, Liu, Medo, Wakeling, Zhang 2010, PNAS 107, with clicks in place of users).
 */
export class MeanPopularity {
  readonly #support: ArrayLike<number>;
  readonly #total: number;
  #sum = 0;
  #places = 0;
  #knownPlaces = 0;
  #information = 0;

  /** @param support - [I] training events per item. Read only, kept. */
  constructor(support: ArrayLike<number>) {
    this.#support = support;
    let total = 0;
    for (let item = 0; item < support.length; item++) total += support[item];
    this.#total = total;
  }

  /**
   * Adds the places of one recommendation list to the mean.
   * @param list - item indices, each in [0, I). Read only.
   */
  add(list: Int32Array): void {
    for (let place = 0; place < list.length; place++) {
      const support = this.#support[list[place]];
      this.#sum += support;
      if (support <= 0) continue;
      this.#information += Math.round(-Math.log2(support / this.#total) * BIT);
      this.#knownPlaces++;
    }
    this.#places += list.length;
  }

  /** Adds the sums of other lists. */
  addSums({ support, places, knownPlaces, information }: PlaceSums): void {
    this.#sum += support;
    this.#places += places;
    this.#knownPlaces += knownPlaces;
    this.#information += information;
  }

  /** For {@link addSums} of another. */
  get sums(): PlaceSums {
    return {
      support: this.#sum,
      places: this.#places,
      knownPlaces: this.#knownPlaces,
      information: this.#information,
    };
  }

  /** In [0, 1]; NaN before the first list. */
  get mean(): number {
    return this.#sum / (this.#places * this.#total);
  }

  /** In bits, at least 0, with an error of at most 2⁻¹⁷; NaN before the first list. */
  get novelty(): number {
    return this.#information / (this.#knownPlaces * BIT);
  }
}

/**
 * Popularity of the lists relative to the clicked items: 1 = equal, 2 = twice as popular.
 *
 * bias = mean popularity of the lists / mean popularity of the targets = 1 + popularity lift
 *   (Abdollahpouri, Mansoury, Burke, Mobasher 2019, arXiv:1907.13286, ΔGAP; with the targets in place of the profiles,
 *   as a session has none)
 *
 * @param lists - mean popularity over the places of the lists.
 * @param targets - mean popularity over the targets, at least 0.
 * @returns ≥ 0; Infinity or NaN if no target was ever seen in training.
 * @example popularityBias(0.03, 0.01) // 3
 */
export function popularityBias(lists: number, targets: number): number {
  return lists / targets;
}
