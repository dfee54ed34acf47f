/**
 * Reciprocal rank of one prediction, cut off at k: the mean over predictions is MRR@k.
 *
 * @param rank - from 1; Infinity if the item is in no list.
 * @returns 1 / rank, 0 beyond the cutoff.
 * @example reciprocalRankAt(4, 20) // 1 / 4
 */
export function reciprocalRankAt(rank: number, cutoff: number): number {
  return rank <= cutoff ? 1 / rank : 0;
}
