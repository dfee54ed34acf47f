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

/**
 * Reciprocal rank of one prediction with several relevant items: that of the best placed.
 *
 * @param ranks - one or more, each from 1; Infinity for an item that is in no list. Read only.
 * @returns in [0, 1]; with one rank {@link reciprocalRankAt} of it.
 * @example reciprocalRankOfSeveralAt([7, 2], 5) // 1 / 2
 */
export function reciprocalRankOfSeveralAt(ranks: ArrayLike<number>, cutoff: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let index = 0; index < ranks.length; index++) best = Math.min(best, ranks[index]);
  return reciprocalRankAt(best, cutoff);
}
