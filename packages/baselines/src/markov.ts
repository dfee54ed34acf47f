import type { Scorer } from '@gru4rec/metrics';
import type { BaselineData, BaselineKind } from './baseline-kind.ts';
import { type PairCounting, ruleKind, ruleScorer } from './rules.ts';

/**
 * First-order Markov chain: the items that most often directly follow the last item of the session.
 *
 * score = P(next | last) = |next right after last| / |anything right after last|, an item after itself included, in
 * the training sessions.              (Ludewig, Jannach 2018, arXiv:1803.09587, section 3, MC; nothing is pruned here)
 *
 * Equal scores are ordered by popularity. Items that never came next follow by popularity, with scores below 0.
 */
export function markov(data: BaselineData): Scorer {
  return ruleScorer('Markov', data, COUNTING);
}

const COUNTING: PairCounting = {
  before: 0,
  after: 1,
  weigh: () => [1, 1],
  repeats: true,
  pruning: Number.POSITIVE_INFINITY,
};

export const markovKind: BaselineKind = ruleKind('Markov', {}, () => COUNTING);
