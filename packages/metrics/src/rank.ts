import type { Scores } from './top-items.ts';

/**
 * Rank of a target among items with the same score: `standard` = before all of them, `conservative` = after
 * all of them, `median` = in their middle.
 */
export type TieRule = 'standard' | 'conservative' | 'median';

/** Every tie rule, the default first. */
export const TIE_RULES: readonly TieRule[] = ['standard', 'conservative', 'median'];

export interface RankCounts {
  /** Items of a greater score; Infinity if the item is excluded. */
  readonly better: number;
  /** Items of the same score, including the item itself; 0 if it is excluded. */
  readonly equal: number;
}

const NOTHING: ReadonlySet<number> = new Set();

/**
 * Ranks one item against all items, from 1: standard = better + 1, conservative = better + equal, median = better +
 * (equal + 1) / 2, with the counts of `RankCounts`.
 * @param scores - [I], one per item. Read only.
 * @param excluded - item indices that are left out. An excluded target is in no list: its rank is Infinity.
 * @throws RangeError if any score is NaN, or `target` is not an item index.
 * @example rankOf(Float64Array.of(3, 1, 2, 1, 1), 1, 'median') // 2 + (3 + 1) / 2 = 4
 */
export function rankOf(
  scores: Float32Array | Float64Array,
  target: number,
  tieRule: TieRule = 'standard',
  excluded: ReadonlySet<number> = NOTHING,
): number {
  // Without a score of its own, the target would have rank 1.
  if (scores[target] === undefined) {
    throw new RangeError(`rankOf: "target" expected integer in [0, ${scores.length}), got ${target}.`);
  }
  return applyTieRule(rankCountsOf(scores, target, excluded), tieRule);
}

export function rankCountsOf(
  scores: Float32Array | Float64Array,
  target: number,
  excluded: ReadonlySet<number> = NOTHING,
): RankCounts {
  const targetScore = scores[target];
  let better = 0;
  let equal = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item];
    // First, because most items of most rows end here: one comparison per item.
    if (score < targetScore) continue;
    if (score > targetScore) better++;
    else if (score === targetScore) equal++;
    else throw nanScore(scores.findIndex((score) => Number.isNaN(score)));
  }
  if (excluded.has(target)) return { better: Number.POSITIVE_INFINITY, equal: 0 };
  for (const item of excluded) {
    if (scores[item] > targetScore) better--;
    else if (scores[item] === targetScore) equal--;
  }
  return { better, equal };
}

/** The rank from its counts. If a score is NaN, `better` is NaN and `equal` is the first such item, for the message. */
export function rankFromCounts(better: number, equal: number, tieRule: TieRule): number {
  if (Number.isNaN(better)) throw nanScore(equal);
  return applyTieRule({ better, equal }, tieRule);
}

/**
 * The rank of the i-th of m targets of one score: standard = better + i, conservative = better + equal − m + i, median = better + i · (equal + 1) / (m + 1), the mean
 * place of the i-th of m if equal scores are in random order (an order statistic of draws without replacement).
 */
export function applyTieRule(
  { better, equal }: RankCounts,
  tieRule: TieRule,
  order = 1,
  targets = 1,
): number {
  switch (tieRule) {
    case 'standard':
      return better + order;
    case 'conservative':
      return better + equal - targets + order;
    case 'median':
      return better + (order * (equal + 1)) / (targets + 1);
  }
}

function nanScore(item: number): RangeError {
  return new RangeError(`rankOf: "scores" expected numbers, got NaN at item index ${item}.`);
}

/**
 * Ranks several items against all items in one pass, no two with the same rank: the i-th of m targets with one score has the
 * place of the tie rule among the items with that score. O(I · log targets).
 * @param scores - [I], one per item. Read only.
 * @param targets - item indices, each once. Read only.
 * @param excluded - as of `rankOf`.
 * @returns [targets] ranks from 1, in the order of `targets`, those with one score ascending (fresh).
 * @throws RangeError if a score is NaN and some target is not excluded.
 * @example ranksTogether(Float64Array.of(3, 1, 2, 1, 1), Int32Array.of(0, 1, 4), 'conservative') // 1, 4, 5
 */
export function ranksTogether(
  scores: Scores,
  targets: Int32Array,
  tieRule: TieRule,
  excluded: ReadonlySet<number> = new Set(),
): Float64Array {
  const ranks = new Float64Array(targets.length).fill(Number.POSITIVE_INFINITY);
  const kept = targets.filter((target) => !excluded.has(target));
  if (kept.length === 0) return ranks;
  const levels = Float64Array.from(new Set(Array.from(kept, (target) => scores[target]))).sort();
  const { better, equal } = countByLevel(scores, levels, excluded);
  const among = new Int32Array(levels.length);
  for (const target of kept) among[levelOf(levels, scores[target])]++;
  const placed = new Int32Array(levels.length);
  for (const [index, target] of targets.entries()) {
    if (excluded.has(target)) continue;
    const level = levelOf(levels, scores[target]);
    const counts = { better: better[level], equal: equal[level] };
    ranks[index] = applyTieRule(counts, tieRule, ++placed[level], among[level]);
  }
  return ranks;
}

/** Per level, of distinct scores ascending, how many items have a greater score and how many have that score. */
function countByLevel(
  scores: Scores,
  levels: Float64Array,
  excluded: ReadonlySet<number>,
): { better: Int32Array; equal: Int32Array } {
  const better = new Int32Array(levels.length);
  const equal = new Int32Array(levels.length);
  const lowest = levels[0];
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item];
    if (score < lowest) continue;
    if (!(score >= lowest)) throw nanScore(scores.findIndex((score) => Number.isNaN(score)));
    const level = levelOf(levels, score);
    if (score === levels[level]) equal[level]++;
    else better[level]++;
  }
  for (const item of excluded) {
    if (!(scores[item] >= lowest)) continue;
    const level = levelOf(levels, scores[item]);
    if (scores[item] === levels[level]) equal[level]--;
    else better[level]--;
  }
  // Items better than a level are between it and the next level, at the next, or better than the next.
  for (let level = levels.length - 2; level >= 0; level--)
    better[level] += equal[level + 1] + better[level + 1];
  return { better, equal };
}

/** Index of the greatest level that is at most `score`; the first is. */
function levelOf(levels: Float64Array, score: number): number {
  let low = 0;
  let high = levels.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (levels[middle] <= score) low = middle;
    else high = middle - 1;
  }
  return low;
}
