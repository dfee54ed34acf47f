import { countOrAll, type OptionChecks, oneOf } from '@gru4rec/checks';
import type { BaselineKind } from './baseline-kind.ts';
import { type PairCounting, type RuleOptions, ruleChecks, ruleKind, ruleOptions } from './rules.ts';

/**
 * First-order Markov chain: the items that most often directly follow the last item of the session.
 *
 * score = P(next | last) = |next right after last| / |anything right after last|, an item after itself included, in
 * the training sessions.              (Ludewig, Jannach 2018, arXiv:1803.09587, section 3, MC; nothing is pruned here)
 */
export const markovKind: BaselineKind = ruleKind('Markov', {}, () => ({
  before: 0,
  after: 1,
  weigh: () => [1, 1],
  repeats: true,
  pruning: Number.POSITIVE_INFINITY,
}));

/** Weight of a pair at distance d: 1/d, max(0, 1 − d/10), 1/d², 1/log10(d + 1.7) or 1. */
export type Weighting = 'div' | 'linear' | 'quadratic' | 'log' | 'same';

/** Options of sequential rules. */
export interface SequentialRulesOptions extends RuleOptions {
  /** Largest distance of a pair in events: 10 if not given; Infinity for all of the session. */
  readonly steps?: number;
  /** 'div' if not given. */
  readonly weighting?: Weighting;
}

const WEIGHTS: Readonly<Record<Weighting, PairCounting['weigh']>> = {
  div: (distance) => [1, distance],
  linear: (distance) => [Math.max(0, 10 - distance), 10],
  quadratic: (distance) => [1, distance ** 2],
  log: (distance) => [1, Math.log10(distance + 1.7)],
  same: () => [1, 1],
};

const checks: OptionChecks<SequentialRulesOptions> = {
  ...ruleChecks,
  steps: countOrAll,
  weighting: oneOf(Object.keys(WEIGHTS)),
};

/**
 * Sequential rules: the items that most often follow the last item of the session, with more weight the sooner they do.
 *
 * score(i) = Σ_p Σ_x Σ_y<x [p_y = last][p_x = i] w(x − y) / Σ_p Σ_x Σ_y<x [p_y = last], over training sessions p and
 * their events x, y with x − y ≤ steps and w > 0.         (Kamehkhosh, Jannach, Ludewig 2017; Ludewig, Jannach 2018,
 * arXiv:1803.09587, section 3, SR. The denominator follows the paper's text; its formula is 0 for an item seen only first.)
 *
 * The paper has w(d) = 1/d; the others are of session-rec. Without `repeats`, both sums leave out pairs of an item with itself.
 */
export const sequentialRulesKind: BaselineKind = ruleKind('SR', checks, sequentialCounting);

function sequentialCounting(options: SequentialRulesOptions): PairCounting {
  const { steps = 10, weighting = 'div' } = options;
  return {
    ...ruleOptions(options),
    before: 0,
    after: steps,
    weigh: WEIGHTS[weighting],
  };
}

/**
 * Association rules of size two: the items that occur most often in the training sessions of the session's last item,
 * before or after it.
 *
 * score(i) = Σ_p Σ_x Σ_y≠x [p_x = last][p_y = i] / Σ_p Σ_x [p_x = last](|p| − 1), over training sessions p and their
 * events x, y.     (Ludewig, Jannach 2018, arXiv:1803.09587, section 3, AR; an event makes no pair with itself, as the
 *                                                                                    |p| − 1 of the denominator has it)
 *
 * Without `repeats`, both sums leave out pairs of an item with itself. Time is Σ events² over sessions, so filter out very long
 * sessions (crawlers) first.
 */
export const associationRulesKind: BaselineKind = ruleKind('AR', ruleChecks, associationCounting);

function associationCounting(options: RuleOptions): PairCounting {
  return {
    ...ruleOptions(options),
    before: Number.POSITIVE_INFINITY,
    after: Number.POSITIVE_INFINITY,
    weigh: () => [1, 1],
  };
}
