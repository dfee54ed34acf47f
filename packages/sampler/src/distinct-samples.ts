/** Distinct items of a step's samples, each with how often it was drawn. */
export class DistinctSamples {
  /** [capacity], distinct items in order of first appearance, then −1. */
  readonly items: Int32Array;
  /** [capacity], how often each was drawn, then 0. */
  readonly counts: Float32Array;
  /** [I], where an item stands in `items`, if it does: entries of earlier steps are told by looking. */
  readonly #place: Int32Array;

  /**
   * @param itemCount - I.
   * @param capacity - most distinct items that it takes.
   */
  constructor(itemCount: number, capacity: number) {
    this.items = new Int32Array(capacity);
    this.counts = new Float32Array(capacity);
    this.#place = new Int32Array(itemCount);
  }

  /**
   * Fills `items` and `counts`, which the next call overwrites.
   *
   * @param samples - item indices in [0, I). Read only.
   * @returns false if there are more distinct items than `capacity`; what is filled then means nothing.
   */
  merge(samples: Int32Array): boolean {
    const { items, counts } = this;
    const place = this.#place;
    let distinct = 0;
    for (let i = 0; i < samples.length; i++) {
      const item = samples[i];
      const at = place[item];
      if (at < distinct && items[at] === item) {
        counts[at]++;
        continue;
      }
      if (distinct === items.length) return false;
      place[item] = distinct;
      items[distinct] = item;
      counts[distinct++] = 1;
    }
    items.fill(-1, distinct);
    counts.fill(0, distinct);
    return true;
  }
}

/**
 * How many distinct items so many draws give: E = Σ_i (1 − (1 − p_i)^draws), and the spread √Var, bounded from above
 * by that of independent items.
 *
 * @param probability - P(item) of each item index.
 */
export function expectedDistinct(
  probability: (itemIndex: number) => number,
  itemCount: number,
  draws: number,
): { readonly mean: number; readonly deviation: number } {
  let mean = 0;
  let variance = 0;
  for (let item = 0; item < itemCount; item++) {
    const absent = (1 - probability(item)) ** draws;
    mean += 1 - absent;
    variance += absent * (1 - absent);
  }
  return { mean, deviation: Math.sqrt(variance) };
}
