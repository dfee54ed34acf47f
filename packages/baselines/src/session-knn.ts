import { type OptionChecks, oneOf } from '@gru4rec/checked-options';
import type { Scorer } from '@gru4rec/metrics';
import type { BaselineData, BaselineKind } from './baseline-kind.ts';
import { type NeighbourMethod, neighbourKind, neighbourScorer } from './neighbour-scorer.ts';
import {
  cosine,
  EQUAL_WEIGHTS,
  type NeighbourhoodOptions,
  neighbourhood,
  neighbourhoodChecks,
  type SessionWeights,
} from './session-weights.ts';

/** Options of S-KNN. By default, 500 neighbours of a sample of 1,000 sessions. */
export interface SessionKnnOptions extends NeighbourhoodOptions {
  /** Of the sets of items: cosine |s ∩ n| / √(|s| |n|), or Jaccard's |s ∩ n| / |s ∪ n|. 'cosine' if not given. */
  readonly similarity?: 'cosine' | 'jaccard';
}

const SIMILARITIES = {
  cosine,
  jaccard: (shared, own, other) => shared / (own + other - shared),
} satisfies Record<string, SessionWeights['similarity']>;

const checks: OptionChecks<SessionKnnOptions> = {
  ...neighbourhoodChecks,
  similarity: oneOf(Object.keys(SIMILARITIES)),
};

/**
 * S-KNN: the items of the training sessions most similar to the session as a whole.
 *
 * score(i) = Σ sim(s, n) over the neighbours n with i, where sessions are sets of items and neighbours are chosen among the
 * most recent sessions that share an item with s
 *              (Jannach, Ludewig 2017, RecSys, section 3; Ludewig, Jannach 2018, arXiv:1803.09587, section 3)
 *
 * Items clicked before are scored like all others. Items of no neighbour follow, with their share of the training events
 * − 1 as score.
 *
 * @param data - needs `train.sessionStartTimes`, because neighbours are chosen among the most recent sessions.
 */
export function sessionKnn(data: BaselineData, options: SessionKnnOptions = {}): Scorer {
  return neighbourScorer(data, sessionKnnMethod(options));
}

export const sessionKnnKind: BaselineKind = neighbourKind('S-KNN', checks, sessionKnnMethod);

function sessionKnnMethod(options: SessionKnnOptions): NeighbourMethod {
  const caller = 'sessionKnn';
  const { similarity = 'cosine' } = options;
  const size = neighbourhood(options, { neighbours: 500, sampleSize: 1000 });
  return {
    name: 'S-KNN',
    caller,
    weights: { ...EQUAL_WEIGHTS, similarity: SIMILARITIES[similarity] },
    size,
  };
}
