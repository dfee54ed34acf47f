import { philoxFill, type Seed, seedWords, streamWords } from '@gru4rec/random';
import { type AliasTable, buildAliasTable } from './alias-table.ts';

/** The distribution and the seed of a sampler. */
export interface PopularitySamplerOptions {
  /** [I] number of training events per item, ≥ 0, not all 0. Neither changed nor kept. */
  readonly support: ArrayLike<number>;
  /** α ≥ 0. With 0 all items of support above 0 are equally likely. Those of support 0 are never drawn. */
  readonly alpha: number;
  readonly seed: Seed;
  /** Run in the place of JavaScript. */
  readonly kernels?: SamplingKernels | undefined;
}

/**
 * Draws negatives with P(item) ∝ support^α, 0 for support 0, with replacement.    (Hidasi, Karatzoglou 2018, arXiv:1706.03847)
 *
 * Each draw uses one 32-bit word w of Philox: the high word of w · I selects the cell of the alias table, and the low
 * word is compared with the cell's threshold. A cell corresponds to 2³² / I words, rounded up or down, so the
 * probability of an item has an error of at most 2⁻³² per cell in which the item has a share.
 *
 * Step s uses the blocks with counter word 1 = s and words 2 and 3 of the stream `sampler.popularity`. The samples
 * depend only on seed and step, so a resumed run needs no state.
 */
export class PopularitySampler {
  /** I, the number of items. */
  readonly itemCount: number;
  readonly #threshold: Uint32Array;
  readonly #alias: Int32Array;
  readonly #probability: Float64Array;
  /** [5], the two words of the key, then words 1 to 3 of the counter, of which word 1 is the step. */
  readonly #words: Uint32Array;
  readonly #kernels: SamplingKernels | undefined;

  /** @throws RangeError if `support` is empty, all 0 or has an entry that is negative or not finite; as `seedWords`. */
  constructor({ support, alpha, seed, kernels }: PopularitySamplerOptions) {
    if (checkedSum('PopularitySampler: "support"', support) === 0) {
      throw new RangeError(
        `PopularitySampler: "support" expected an entry > 0, got ${support.length} entries, all 0.`,
      );
    }
    this.itemCount = support.length;
    this.#words = Uint32Array.of(...seedWords(seed), 0, ...streamWords('sampler.popularity'));
    this.#kernels = kernels;
    const weights = new Float64Array(support.length);
    for (let item = 0; item < weights.length; item++) {
      weights[item] = support[item] === 0 ? 0 : support[item] ** alpha;
    }
    const { threshold, alias } = buildAliasTable(weights);
    this.#threshold = threshold;
    this.#alias = alias;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#probability = weights.map((weight) => weight / total);
  }

  /**
   * Draws the samples of a step.
   * @param step - counts over all epochs, below 2³².
   * @param out - [S], overwritten with item indices. A smaller S gives the first samples of a larger one.
   */
  sample(step: number, out: Int32Array): void {
    this.#words[2] = step;
    if (this.#kernels) {
      this.#kernels.draw(this.#words, this.#threshold, this.#alias, out);
      return;
    }
    const { [0]: key0, [1]: key1, [3]: word2, [4]: word3 } = this.#words;
    const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
    philoxFill(key0, key1, 0, step, word2, word3, words);
    wordsToItems(words, out, this.#threshold, this.#alias);
  }

  /** P(item) = support^α / Σ support^α, both without items of support 0. */
  probability(itemIndex: number): number {
    return this.#probability[itemIndex];
  }
}

/** @param name - of the values, for errors. @throws RangeError if one is negative or not finite. */
function checkedSum(name: string, values: ArrayLike<number>): number {
  let total = 0;
  for (let item = 0; item < values.length; item++) {
    const value = values[item];
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} expected finite number >= 0 at index ${item}, got ${value}.`);
    }
    total += value;
  }
  return total;
}

/** Maps random words to item indices. `words` and `items` may be views of the same memory. */
function wordsToItems(
  words: Uint32Array,
  items: Int32Array,
  threshold: Uint32Array,
  alias: Int32Array,
): void {
  const itemCount = threshold.length;
  for (let draw = 0; draw < words.length; draw++) {
    const word = words[draw];
    const fraction = Math.imul(word, itemCount) >>> 0;
    // word · I < 2⁶³ is rounded to 53 bits. Without its low word it is cell · 2³², with an error of at most 2⁹.
    const cell = ((word * itemCount - fraction) * 2 ** -32 + 0.5) | 0;
    items[draw] = fraction < threshold[cell] ? cell : alias[cell];
  }
}

/**
 * Natural logarithm of each item's support, for the logQ correction. There, log q is this value in a target column, and
 * α times this value in a sample column, where q = support^α. Neither q is normalised.
 *
 * The result for support 0 is 0 instead of −∞, which would make scores infinite. No training target has support 0.
 * @param support - [I], number of training events per item.
 * @throws RangeError if a support is negative or not finite.
 * @example logSupport([1, 0, 2]) // [0, 0, 0.6931…]
 */
export function logSupport(support: ArrayLike<number>): Float64Array {
  checkedSum('logSupport: "support"', support);
  const logs = new Float64Array(support.length);
  for (let item = 0; item < logs.length; item++)
    logs[item] = support[item] === 0 ? 0 : Math.log(support[item]);
  return logs;
}

/** Native forms of what this package does in each step, with the same samples. */
export interface SamplingKernels {
  /**
   * Draws samples with the words of successive Philox blocks.
   * @param words - [5], the two words of the key, then words 1 to 3 of the counter; word 0 counts from 0.
   * @param out - [S], overwritten with item indices.
   */
  draw(
    words: Uint32Array,
    threshold: AliasTable['threshold'],
    alias: AliasTable['alias'],
    out: Int32Array,
  ): void;
  /** `DistinctSamples.merge`, for at least one item; `place` is [I], with any content. */
  merge(samples: Int32Array, place: Int32Array, items: Int32Array, counts: Float32Array): boolean;
}
