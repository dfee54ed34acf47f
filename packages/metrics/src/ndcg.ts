/**
 * nDCG@k of one prediction with one relevant item: the ideal gain is 1, so nothing is left to divide by.
 *
 * nDCG = 1 / log₂(rank + 1)                     (Järvelin, Kekäläinen 2002, with a single item of gain 1)
 *
 * @param rank - from 1; Infinity if the item is in no list.
 * @returns the gain, 0 beyond the cutoff.
 * @example ndcgAt(3, 20) // 1 / 2
 */
export function ndcgAt(rank: number, cutoff: number): number {
  return rank <= cutoff ? 1 / Math.log2(rank + 1) : 0;
}

/**
 * nDCG@k of one prediction with several relevant items, each of gain 1.
 *
 * nDCG = Σ 1 / log₂(rank + 1) / Σᵢ 1 / log₂(i + 1), i from 1 to min(k, items)          (Järvelin, Kekäläinen 2002)
 *
 * @param ranks - one or more, each from 1, no two the same; Infinity for an item that is in no list. Read only.
 * @returns in [0, 1]; with one rank {@link ndcgAt} of it.
 * @example ndcgOfSeveralAt([1, 3], 20) // (1 + 1 / 2) / (1 + 1 / log₂ 3)
 */
export function ndcgOfSeveralAt(ranks: ArrayLike<number>, cutoff: number): number {
  let gain = 0;
  let ideal = 0;
  for (let index = 0; index < ranks.length; index++) {
    gain += ndcgAt(ranks[index], cutoff);
    ideal += ndcgAt(index + 1, cutoff);
  }
  return gain / ideal;
}
