import type { Scorer } from '@gru4rec/metrics';
import type { BaselineKind } from './baseline-kind.ts';
import { checkCount, RULE_OPTIONS, type RuleOptions, ruleOptions } from './rule-options.ts';
import { ruleKind, ruleScorer } from './rule-scorer.ts';
import type { PairCounting } from './rules.ts';
import type { TrainingData } from './training-data.ts';

/** What a pair at distance d is worth: 1/d, max(0, 1 − d/10), 1/d², 1/log10(d + 1.7) or 1. */
export type Weighting = 'div' | 'linear' | 'quadratic' | 'log' | 'same';

/** How sequential rules are counted and kept. */
export interface SequentialRulesOptions extends RuleOptions {
  /** How many events back a rule may begin: 10 if not given; Infinity: from the start of the session. */
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

/**
 * Sequential rules: the items that came most often after the last one of the session, the sooner the weightier.
 *
 * score(i) = Σ_p Σ_x Σ_y<x [p_y = last][p_x = i] w(x − y) / Σ_p Σ_x Σ_y<x [p_y = last], over training sessions p and
 * their events x, y with x − y ≤ steps and w > 0.         (Kamehkhosh, Jannach, Ludewig 2017; Ludewig, Jannach 2018,
 * arXiv:1803.09587, section 3, SR. The denominator is the paper's words, "the total number of rule occurrences for
 * the current item"; its formula, Σ_p Σ_x≥2 [p_x = last] x, is 0 for an item seen only first in sessions. Either way
 * it is the same for all i.)
 *
 * The paper has w(d) = 1/d; the others are the choices of its authors' session-rec collection, constants included.
 * Without `repeats`, pairs of an item with itself are left out of both sums. Popularity decides among equal scores.
 * Items without a rule follow by popularity, below 0.
 *
 * @throws RangeError if an option is outside its range or there is no training event.
 */
export function sequentialRules(data: TrainingData, options: SequentialRulesOptions = {}): Scorer {
  return ruleScorer('SR', data, sequentialCounting(options));
}

export const sequentialRulesKind: BaselineKind = ruleKind(
  'SR',
  [...RULE_OPTIONS, 'steps', 'weighting'],
  sequentialCounting,
);

function sequentialCounting(options: SequentialRulesOptions): PairCounting {
  const { steps = 10, weighting = 'div' } = options;
  checkCount('sequentialRules', 'steps', steps);
  checkWeighting(weighting);
  return {
    ...ruleOptions('sequentialRules', options),
    before: 0,
    after: steps,
    weigh: WEIGHTS[weighting],
  };
}

function checkWeighting(weighting: Weighting): void {
  if (Object.hasOwn(WEIGHTS, weighting)) return;
  const known = Object.keys(WEIGHTS).map((name) => `'${name}'`);
  throw new RangeError(`sequentialRules: "weighting" expected ${known.join(', ')}, got '${weighting}'.`);
}
