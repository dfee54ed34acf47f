/**
 * Recall@k of one prediction with one relevant item: is it among the first k?
 *
 * @param rank - from 1; Infinity if the item is in no list.
 * @returns 1 or 0.
 * @example recallAt(20, 20) // 1
 */
export function recallAt(rank: number, cutoff: number): number {
  return rank <= cutoff ? 1 : 0;
}
