import type { Scorer } from '@gru4rec/metrics';
import type { BaselineData, BaselineKind } from './baseline-kind.ts';
import {
  type PairCounting,
  type RuleOptions,
  ruleChecks,
  ruleKind,
  ruleOptions,
  ruleScorer,
} from './rules.ts';

/**
 * Association rules of size two: the items that occur most often in the training sessions of the session's last item,
 * before or after it.
 *
 * score(i) = Σ_p Σ_x Σ_y≠x [p_x = last][p_y = i] / Σ_p Σ_x [p_x = last](|p| − 1), over training sessions p and their
 * events x, y.     (Ludewig, Jannach 2018, arXiv:1803.09587, section 3, AR; an event makes no pair with itself, as the
 *                                                                                    |p| − 1 of the denominator has it)
 *
 * Without `repeats`, both sums leave out pairs of an item with itself. Equal scores are ordered by popularity. Items
 * without a rule follow by popularity, with scores below 0. Time is Σ events² over sessions, so filter out very long
 * sessions (crawlers) first.
 */
export function associationRules(data: BaselineData, options: RuleOptions = {}): Scorer {
  return ruleScorer('AR', data, associationCounting(options));
}

export const associationRulesKind: BaselineKind = ruleKind('AR', ruleChecks, associationCounting);

function associationCounting(options: RuleOptions): PairCounting {
  return {
    ...ruleOptions(options),
    before: Number.POSITIVE_INFINITY,
    after: Number.POSITIVE_INFINITY,
    weigh: () => [1, 1],
  };
}
