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

/**
 * Recall@k of one prediction with several relevant items: the share of them among the first k.
 *
 * @param ranks - one or more, each from 1; Infinity for an item that is in no list. Read only.
 * @returns in [0, 1]; with one rank {@link recallAt} of it.
 * @example recallOfSeveralAt([2, 7], 5) // 1 / 2
 */
export function recallOfSeveralAt(ranks: ArrayLike<number>, cutoff: number): number {
  let found = 0;
  for (let index = 0; index < ranks.length; index++) found += recallAt(ranks[index], cutoff);
  return found / ranks.length;
}
