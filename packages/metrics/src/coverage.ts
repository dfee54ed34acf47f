/** Counts the items that were recommended at least once. */
export class CatalogueCoverage {
  readonly #recommended: Uint8Array;
  readonly #among: number;
  #distinct = 0;

  /**
   * @param itemCount - I, the size of the catalogue.
   * @param among - number of items that can be recommended, default all.
   */
  constructor(itemCount: number, among: number = itemCount) {
    this.#recommended = new Uint8Array(itemCount);
    this.#among = among;
  }

  /**
   * Counts the items of one recommendation list.
   * @param list - item indices, each in [0, I). Read only.
   */
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
