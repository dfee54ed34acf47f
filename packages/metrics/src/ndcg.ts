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
