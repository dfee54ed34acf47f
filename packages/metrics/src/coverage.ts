/** Counts the items that were recommended at least once. */
export class CatalogueCoverage {
  readonly #recommended: Uint8Array;
  #distinct = 0;

  /** @param itemCount - I, the size of the catalogue. */
  constructor(itemCount: number) {
    this.#recommended = new Uint8Array(itemCount);
  }

  /** @param list - item indices of one recommendation list. Read only. */
  add(list: Int32Array): void {
    for (let place = 0; place < list.length; place++) {
      if (this.#recommended[list[place]] === 1) continue;
      this.#recommended[list[place]] = 1;
      this.#distinct++;
    }
  }

  /** Share of the catalogue that some list held, in [0, 1]. */
  get coverage(): number {
    return this.#distinct / this.#recommended.length;
  }
}
