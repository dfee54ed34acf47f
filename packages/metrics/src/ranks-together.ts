import { applyTieRule, nanScore, type TieRule } from './rank.ts';
import type { Scores } from './worst-first.ts';

/**
 * Ranks several items against all items in one pass, no two with the same rank.
 *
 * A target whose score no other target has is ranked as by `rankOf`. Of m targets with the same score, the i-th has the
 * place of the tie rule: among the first m, the last m, or evenly spread between the other items with that score. So k
 * places never hold more than k targets. O(I · log targets).
 *
 * @param scores - [I], one per item. Read only.
 * @param targets - item indices, each once. Read only.
 * @param excluded - item indices that are left out. An excluded target is in no list: its rank is Infinity.
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

/**
 * Per level, how many items have a greater score and how many have that score.
 *
 * @param levels - distinct scores, ascending.
 */
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
