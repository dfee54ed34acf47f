import type { OptionChecks } from '@gru4rec/checked-options';
import type { Scorer } from '@gru4rec/metrics';
import type { BaselineData, BaselineKind } from './baseline-kind.ts';
import { type NeighbourMethod, neighbourKind, neighbourScorer } from './neighbour-scorer.ts';
import {
  cosine,
  EQUAL_WEIGHTS,
  exponential,
  lambdaCheck,
  type NeighbourhoodOptions,
  neighbourhood,
  neighbourhoodChecks,
} from './session-weights.ts';

/** Options of STAN. By default, 500 neighbours of a sample of 5,000 sessions. Infinity switches a decay off. */
export interface StanOptions extends NeighbourhoodOptions {
  /** λ1 > 0, clicks after which an item of the session weighs 1/e in the similarity: 1.02 if not given. */
  readonly lambda1?: number;
  /** λ2 > 0, days after which a training session weighs 1/e: 5 if not given. */
  readonly lambda2?: number;
  /** λ3 > 0, clicks of the neighbour from the last shared item at which an item weighs 1/e: 2.05 if not given. */
  readonly lambda3?: number;
}

export const stanChecks: OptionChecks<StanOptions> = {
  ...neighbourhoodChecks,
  lambda1: lambdaCheck,
  lambda2: lambdaCheck,
  lambda3: lambdaCheck,
};

/**
 * STAN: S-KNN weighted by the order of clicks in the session, the age of the neighbour and the position in it.
 *
 * w1(i, s) = exp((p(i, s) − |s|) / λ1)        p the click of i, the last one of |s|
 * sim1     = Σ over i in s ∩ n of w1(i, s) / √(|s| |n|), with the numbers of distinct items under the root
 * sim2     = sim1 · exp(−(t(s) − t(n)) / λ2)  t in days
 * score(i) = Σ over the neighbours n with i of sim2(s, n) · exp(−|p(i, n) − p(i*, n)| / λ3), i* the item of n
 *            that s clicked last                (Garg, Gupta, Malhotra, Vig, Shroff 2019, SIGIR, section 3)
 *
 * t(s) is not known here, so ages are measured from the start of the most recent training session. This multiplies all
 * scores of a session by the same factor and changes no ranking, up to an age of 745 λ2 days, from which weights are 0.
 * The position of an item is its last click. The default decays and sample are those of the session-rec framework of
 * Ludewig et al. 2021 (arXiv:1910.12781). Items clicked before are scored like all others. Items of no neighbour follow,
 * with their share of the training events − 1 as score.
 *
 * @param data - needs `train.sessionStartTimes`, for the ages of sessions.
 */
export function stan(data: BaselineData, options: StanOptions = {}): Scorer {
  return neighbourScorer(data, stanMethod(options));
}

export const stanKind: BaselineKind = neighbourKind('STAN', stanChecks, stanMethod);

function stanMethod(options: StanOptions): NeighbourMethod {
  const caller = 'stan';
  const { lambda1 = 1.02, lambda2 = 5, lambda3 = 2.05 } = options;
  const size = neighbourhood(options, { neighbours: 500, sampleSize: 5000 });
  const position = exponential(lambda1);
  return {
    name: 'STAN',
    caller,
    weights: {
      ...EQUAL_WEIGHTS,
      click: (click, length) => position(length - click),
      similarity: cosine,
      age: exponential(lambda2),
      distance: exponential(lambda3),
    },
    size,
  };
}
