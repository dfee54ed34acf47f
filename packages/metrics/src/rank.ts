/**
 * Rank of a target among items with the same score: `standard` = before all of them, `conservative` = after
 * all of them, `median` = in their middle.
 */
export type TieRule = 'standard' | 'conservative' | 'median';

/** Every tie rule, the default first. */
export const TIE_RULES: readonly TieRule[] = ['standard', 'conservative', 'median'];

/** Counts from which a tie rule makes a rank. */
export interface RankCounts {
  /** Items of a greater score; Infinity if the item is excluded. */
  readonly better: number;
  /** Items of the same score, including the item itself; 0 if it is excluded. */
  readonly equal: number;
}

const NOTHING: ReadonlySet<number> = new Set();

/**
 * Ranks one item against all items, from 1.
 *
 * standard = better + 1, conservative = better + equal, median = better + (equal + 1) / 2, where `better` counts
 * the items with a greater score and `equal` those with the same score, including the item itself.
 *
 * @param scores - [I], one per item. Read only.
 * @param target - item index of the item to rank.
 * @param excluded - item indices that are left out. An excluded target is in no list: its rank is Infinity.
 * @returns the rank; a half is possible with `median`.
 * @throws RangeError if any score is NaN, or `target` is not an item index.
 * @example rankOf(Float64Array.of(3, 1, 2, 1, 1), 1, 'median') // 2 + (3 + 1) / 2 = 4
 */
export function rankOf(
  scores: Float32Array | Float64Array,
  target: number,
  tieRule: TieRule = 'standard',
  excluded: ReadonlySet<number> = NOTHING,
): number {
  return applyTieRule(rankCountsOf(scores, target, excluded), tieRule);
}

/**
 * The counts of {@link rankOf}, with the same arguments and errors.
 *
 * @returns fresh.
 */
export function rankCountsOf(
  scores: Float32Array | Float64Array,
  target: number,
  excluded: ReadonlySet<number> = NOTHING,
): RankCounts {
  if (!(Number.isInteger(target) && target >= 0 && target < scores.length)) {
    throw new RangeError(`rankOf: "target" expected integer in [0, ${scores.length}), got ${target}.`);
  }
  const own = scores[target];
  let better = 0;
  let equal = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item];
    // First, because most items of most rows end here: one comparison per item.
    if (score < own) continue;
    if (score > own) better++;
    else if (score === own) equal++;
    else throw nanScore(scores.findIndex((score) => Number.isNaN(score)));
  }
  if (excluded.has(target)) return { better: Number.POSITIVE_INFINITY, equal: 0 };
  for (const item of excluded) {
    if (scores[item] > own) better--;
    else if (scores[item] === own) equal--;
  }
  return { better, equal };
}

/**
 * The rank of `rankOf` from its counts.
 *
 * @param better - items with a greater score; NaN if a score is NaN, and `equal` then is the first such item.
 * @param equal - items with the same score, including the item itself.
 * @throws RangeError if a score is NaN.
 */
export function rankFromCounts(better: number, equal: number, tieRule: TieRule): number {
  if (Number.isNaN(better)) throw nanScore(equal);
  return applyTieRule({ better, equal }, tieRule);
}

/**
 * The rank of the i-th of m targets of one score, so that no two targets have the same rank.
 *
 * standard = better + i, conservative = better + equal − m + i, median = better + i · (equal + 1) / (m + 1), the mean
 * place of the i-th of m if equal scores are in random order (an order statistic of draws without replacement).
 *
 * @param order - i, from 1.
 * @param targets - m; with 1 this is the rule for one target.
 * @throws RangeError if there is no such tie rule.
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
    default:
      throw unknownTieRule('rankOf', tieRule);
  }
}

/** The error for an unknown tie rule. */
function unknownTieRule(caller: string, tieRule: unknown): RangeError {
  const known = TIE_RULES.map((rule) => `'${rule}'`).join(', ');
  return new RangeError(`${caller}: "tieRule" expected ${known}, got '${tieRule}'.`);
}

/** The error for a score that is NaN. */
export function nanScore(item: number): RangeError {
  return new RangeError(`rankOf: "scores" expected numbers, got NaN at item index ${item}.`);
}
