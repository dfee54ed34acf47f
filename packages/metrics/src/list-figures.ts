/** Counts the items that were recommended at least once. */
export class CatalogueCoverage {
  readonly #recommended: Uint8Array;
  readonly #among: number;
  #distinct = 0;

  /** @param among - number of items that can be recommended, default all I. */
  constructor(itemCount: number, among: number = itemCount) {
    this.#recommended = new Uint8Array(itemCount);
    this.#among = among;
  }

  /** Counts the items of one recommendation list. @param list - item indices, each in [0, I). Read only. */
  add(list: Int32Array): void {
    for (let place = 0; place < list.length; place++) {
      if (this.#recommended[list[place]] === 1) continue;
      this.#recommended[list[place]] = 1;
      this.#distinct++;
    }
  }

  /** Share of the items that can be recommended that are in some list, in [0, 1]. */
  get coverage(): number {
    return this.#distinct / this.#among;
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
 * Mean popularity of the recommended items: over all places of all lists, the item's share support / Σ support of the training
 * events. Recommending only the most popular item gives its share; items drawn by their support give Σ share²; items drawn
 * uniformly give 1 / I. This is the average recommendation popularity as a share (ARP; Yin, Cui, Li, Yao, Chen 2012, PVLDB 5).
 *
 * And novelty: over the same places, without items that have no support, the mean of −log₂ of that share, in bits (mean
 * self-information; Zhou, Kuscsik, Liu, Medo, Wakeling, Zhang 2010, PNAS 107, with clicks in place of users).
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

  /** Adds the places of one recommendation list. @param list - item indices, each in [0, I). Read only. */
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

  /** Adds the sums of other lists. */
  addSums({ support, places, knownPlaces, information }: PlaceSums): void {
    this.#sums.support += support;
    this.#sums.places += places;
    this.#sums.knownPlaces += knownPlaces;
    this.#sums.information += information;
  }

  /** For `addSums` of another. */
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

/**
 * Popularity of the lists relative to the clicked items: 1 = equal, 2 = twice as popular.
 *
 * bias = mean popularity of the lists / mean popularity of the targets = 1 + popularity lift
 *   (Abdollahpouri, Mansoury, Burke, Mobasher 2019, arXiv:1907.13286, ΔGAP; with the targets in place of the profiles,
 *   as a session has none)
 * @returns ≥ 0; Infinity or NaN if no target was ever seen in training.
 * @example popularityBias(0.03, 0.01) // 3
 */
export function popularityBias(lists: number, targets: number): number {
  return lists / targets;
}

/** A vector per item, such as the tensor `Wy` of a GRU4Rec. */
export interface ItemEmbeddings {
  /** E, the length of a vector. */
  readonly cols: number;
  /** [I, E], row-major. */
  readonly values: ArrayLike<number>;
}

/**
 * Diversity of a list: the mean distance of two of its items, which is 1 − cos of their embeddings, and 1 where one is 0.
 *
 * diversity = 1 − 2 / (k(k − 1)) Σ_{i<j} u_i·u_j, u = unit vectors     (Ziegler, McNee, Konstan, Lausen 2005, WWW)
 *
 * 2 Σ_{i<j} u_i·u_j = |Σ u_i|² − Σ |u_i|², so that it takes k·E operations.
 * @param list - k ≥ 2 item indices. Read only.
 * @returns in [0, 2], to be compared with that of lists measured by the same embeddings.
 */
export function listDiversity(list: Int32Array, { cols, values }: ItemEmbeddings): number {
  const sum = new Float64Array(cols);
  let own = 0;
  for (const item of list) {
    let squares = 0;
    for (let e = 0; e < cols; e++) squares += values[item * cols + e] ** 2;
    if (squares === 0) continue;
    own++;
    const scale = 1 / Math.sqrt(squares);
    for (let e = 0; e < cols; e++) sum[e] += values[item * cols + e] * scale;
  }
  const total = sum.reduce((squares, x) => squares + x * x, 0);
  return 1 - (total - own) / (list.length * (list.length - 1));
}
