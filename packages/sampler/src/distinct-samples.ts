import type { SamplingKernels } from './popularity-sampler.ts';

/** The distinct items of a step's samples, and how often each was drawn. */
export class DistinctSamples {
  /** [capacity], distinct items in order of first appearance, then −1. */
  readonly items: Int32Array;
  /** [capacity], how often each item was drawn, then 0. */
  readonly counts: Float32Array;
  /** [I], index of an item in `items`. Entries of earlier steps are stale, so each one is checked against `items`. */
  readonly #place: Int32Array;
  readonly #kernels: SamplingKernels | undefined;

  /** @param kernels - run in the place of JavaScript. */
  constructor(itemCount: number, capacity: number, kernels?: SamplingKernels) {
    this.items = new Int32Array(capacity);
    this.counts = new Float32Array(capacity);
    this.#place = new Int32Array(itemCount);
    this.#kernels = capacity > 0 ? kernels : undefined;
  }

  /**
   * Fills `items` and `counts`, which the next call overwrites.
   * @param samples - item indices in [0, I). Not changed.
   * @returns false if there are more than `capacity` distinct items; `items` and `counts` are then invalid.
   */
  merge(samples: Int32Array): boolean {
    const { items, counts } = this;
    const place = this.#place;
    if (this.#kernels) return this.#kernels.merge(samples, place, items, counts);
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
 * Number of distinct items among `draws` draws with replacement; `probability` gives P(item).
 * @returns the mean, Σ_i (1 − (1 − p_i)^draws), and an upper bound of the standard deviation: that of independent items.
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
