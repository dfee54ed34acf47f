import type { AliasTable } from './alias-table.ts';

/** Native forms of what this package does in each step, with the same samples. */
export interface SamplingKernels {
  /**
   * Draws samples with the words of successive Philox blocks.
   *
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
