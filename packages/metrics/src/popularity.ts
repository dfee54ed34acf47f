/**
 * Mean popularity of what is recommended: over all places of all lists, the item's share of the training events,
 * support / Σ support. Recommending the most popular item alone gives its share; items drawn by their support
 * give Σ share²; items drawn uniformly give 1 / I.
 */
export class MeanPopularity {
  readonly #support: ArrayLike<number>;
  readonly #total: number;
  #sum = 0;
  #places = 0;

  /** @param support - [I] training events per item. Read only, kept. */
  constructor(support: ArrayLike<number>) {
    this.#support = support;
    let total = 0;
    for (let item = 0; item < support.length; item++) total += support[item];
    this.#total = total;
  }

  /** @param list - item indices of one recommendation list. Read only. */
  add(list: Int32Array): void {
    for (let place = 0; place < list.length; place++) this.#sum += this.#support[list[place]];
    this.#places += list.length;
  }

  /** In [0, 1]; NaN before the first list. */
  get mean(): number {
    return this.#sum / (this.#places * this.#total);
  }
}
