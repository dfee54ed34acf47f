import { type Scores, topItems } from '@gru4rec/metrics';

/** The values that a mix adds up: `score`, the scores scaled to a common range, or `rank`, 1 / (rank + 60). */
export type MixBy = 'score' | 'rank';

/** Every way of mixing, the default first. */
export const MIXED_BY: readonly MixBy[] = ['score', 'rank'];

/** c of reciprocal rank fusion, as in the paper. */
const RANK_OFFSET = 60;

/** Converts the scores of a row to values that can be added to those of another scorer. */
export interface MixValues {
  /**
   * @param scores - [I]. Read only.
   * @param values - [I], overwritten, in the order of the scores with the same ties. NaN where a score is NaN; by `score`,
   *   all of the row may then be NaN.
   */
  write(scores: Scores, values: Float64Array): void;
}

/** @returns the conversion for a way of mixing (fresh, with memory for one row). */
export function mixValues(by: MixBy, itemCount: number): MixValues {
  return by === 'rank' ? new ReciprocalRanks(itemCount) : new NormalisedScores();
}

/**
 * Reciprocal ranks: 1 / (c + rank), c = 60       (Cormack, Clarke, Büttcher 2009, Reciprocal Rank Fusion, SIGIR '09)
 *
 * Items of equal scores share the mean of their ranks, so that a long tail of zeros gets no good rank.
 * Time is O(I log I).
 */
class ReciprocalRanks implements MixValues {
  /** [I] the scores of a row, ascending. */
  readonly #sorted: Float64Array;
  /** [I] value per index of `sorted`, equal for equal scores. */
  readonly #values: Float64Array;

  constructor(itemCount: number) {
    this.#sorted = new Float64Array(itemCount);
    this.#values = new Float64Array(itemCount);
  }

  write(scores: Scores, values: Float64Array): void {
    const sorted = this.#sorted;
    sorted.set(scores);
    // Typed arrays sort natively without a comparison function, so that sorting scores and searching each item's rank is
    // faster than sorting items by their scores.
    sorted.sort();
    this.#rankSorted();
    for (let item = 0; item < scores.length; item++) {
      const score = scores[item];
      values[item] = Number.isNaN(score) ? Number.NaN : this.#values[firstNotBelow(sorted, score)];
    }
  }

  #rankSorted(): void {
    const sorted = this.#sorted;
    for (let start = 0; start < sorted.length; ) {
      let end = start + 1;
      while (end < sorted.length && sorted[end] === sorted[start]) end++;
      const meanRank = sorted.length - (start + end - 1) / 2;
      this.#values.fill(1 / (RANK_OFFSET + meanRank), start, end);
      start = end;
    }
  }
}

/** The first index of `sorted`, ascending, whose value is not below `value`; there must be one. */
function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Items of a row that span the range from 0 to 1, the best ones: a list of 20 and the items that other scorers may bring
 * into it. A row with fewer items has all of them in its head.
 */
export const SCALED_HEAD = 100;

/** What scales the scores of a row. */
export interface RowScale {
  /** Score of the last item of the head, which has the value 0. */
  readonly least: number;
  /** Difference between the first score and the least; 1 if there is none. */
  readonly span: number;
}

/** The scale of a row by the scores of its first and its last item of the head. */
export function rowScale(first: number, least: number): RowScale {
  return { least, span: first - least || 1 };
}

/** The value by `score` of an item of a row; never decreasing with the score, also as a float64. */
export function scaledValue(score: number, { least, span }: RowScale): number {
  const x = (score - least) / span;
  // x / (1 − x) in a form that is −1, not NaN, at −Infinity.
  return x < 0 ? 1 / (1 - x) - 1 : x;
}

/**
 * Scales the best 100 items of the row to [0, 1], x = (s − s_100) / (s_1 − s_100), and maps the others to x / (1 − x), in
 * (−1, 0).
 *
 * Scaling by the whole row would depend on its last item. Here the tail never outweighs the head, and no items become tied
 * by being cut off. A scorer with fewer than 100 real scores, such as the 20 rules of SR, has scores near −1 in the rest of
 * the head. Its real scores are then close together near 1, which the tuned weight compensates. If the best 100 are tied,
 * the divisor is 1. Scores of the head must be finite; others may be −Infinity.
 */
class NormalisedScores implements MixValues {
  write(scores: Scores, values: Float64Array): void {
    const head = topItems(scores, SCALED_HEAD);
    const scale = rowScale(scores[head[0]], scores[head[head.length - 1]]);
    for (let item = 0; item < scores.length; item++) values[item] = scaledValue(scores[item], scale);
  }
}
