import {
  countOrAll,
  finite,
  integer,
  type OptionCheck,
  type OptionChecks,
  oneOf,
  positive,
} from '@gru4rec/checks';
import type { BaselineKind } from './baseline-kind.ts';
import { type NeighbourMethod, neighbourKind } from './neighbour-scorer.ts';
import { EQUAL_WEIGHTS, type NeighbourhoodOptions, type SessionWeights } from './neighbour-search.ts';

/** Σ / √(|s| |n|), the shared items weighted. */
function cosine(shared: number, size: number, other: number): number {
  return shared / Math.sqrt(size * other);
}

/** e^(−x/λ); 1 if λ is Infinity. */
function exponential(lambda: number): (distance: number) => number {
  return (distance) => Math.exp(-distance / lambda);
}

/** 1 + λ · idf(i), idf(i) = ln(sessions / sessions with i). The 1 keeps items of every session; λ = 0 has no effect. */
function inverseFrequency(idfWeight: number): SessionWeights['item'] {
  return (holding, sessions) => 1 + idfWeight * Math.log(sessions / holding);
}

const neighbourhoodChecks: OptionChecks<NeighbourhoodOptions> = {
  neighbours: integer(1),
  sampleSize: integer(1),
  indexSessions: countOrAll,
};

const decay: OptionCheck = { ...positive, advice: 'Infinity switches it off.' };

const idf: OptionCheck = { ...finite(0), advice: '0 switches it off.' };

function neighbourhood(options: NeighbourhoodOptions, sample: number): Required<NeighbourhoodOptions> {
  const { neighbours = 500, sampleSize = sample, indexSessions = Number.POSITIVE_INFINITY } = options;
  return { neighbours, sampleSize, indexSessions };
}

/** Options of S-KNN. By default, 500 neighbours of a sample of 1,000 sessions. */
export interface SessionKnnOptions extends NeighbourhoodOptions {
  /** How sets of items are compared: cosine |s ∩ n| / √(|s| |n|), or Jaccard's |s ∩ n| / |s ∪ n|. 'cosine' if not given. */
  readonly similarity?: 'cosine' | 'jaccard';
}

const SIMILARITIES = {
  cosine,
  jaccard: (shared, size, other) => shared / (size + other - shared),
} satisfies Record<string, SessionWeights['similarity']>;

const sessionKnnChecks: OptionChecks<SessionKnnOptions> = {
  ...neighbourhoodChecks,
  similarity: oneOf(Object.keys(SIMILARITIES)),
};

/**
 * S-KNN: the items of the training sessions most similar to the session as a whole.
 *
 * score(i) = Σ sim(s, n) over the neighbours n with i, where sessions are sets of items and neighbours are chosen among the
 * most recent sessions that share an item with s
 *              (Jannach, Ludewig 2017, RecSys, section 3; Ludewig, Jannach 2018, arXiv:1803.09587, section 3)
 */
export const sessionKnnKind: BaselineKind = neighbourKind('S-KNN', sessionKnnChecks, sessionKnnMethod);

function sessionKnnMethod(options: SessionKnnOptions): NeighbourMethod {
  const { similarity = 'cosine' } = options;
  return {
    size: neighbourhood(options, 1000),
    weights: { ...EQUAL_WEIGHTS, similarity: SIMILARITIES[similarity] },
  };
}

/** Weight of click x of |s|: x / |s|, its square, or 1. */
export type PositionDecay = 'linear' | 'quadratic' | 'none';

/** As {@link PositionDecay}, or 'div', 1 / (|s| − x + 1): 1 for the latest click, 1/2 for the one before it. */
export type ScoreDecay = PositionDecay | 'div';

/** Options of V-SKNN. By default, 500 neighbours of a sample of 1,000 sessions. */
export interface VectorSessionKnnOptions extends NeighbourhoodOptions {
  /** Weight of the session's items in the similarity: 'linear' if not given. */
  readonly decay?: PositionDecay;
  /** Weight of a neighbour in the scores, by the last click of a shared item: 'div' if not given. */
  readonly scoreDecay?: ScoreDecay;
  /** λ ≥ 0 of the factor 1 + λ ln(sessions / sessions with i), which raises rare items: 0 if not given, no effect. */
  readonly idfWeight?: number;
}

const DECAYS = {
  linear: (click, length) => click / length,
  quadratic: (click, length) => (click / length) ** 2,
  none: () => 1,
} satisfies Record<PositionDecay, SessionWeights['click']>;

const SCORE_DECAYS: Readonly<Record<ScoreDecay, SessionWeights['lastShared']>> = {
  ...DECAYS,
  div: (click, length) => 1 / (length - click + 1),
};

const vectorChecks: OptionChecks<VectorSessionKnnOptions> = {
  ...neighbourhoodChecks,
  decay: oneOf(Object.keys(DECAYS)),
  scoreDecay: oneOf(Object.keys(SCORE_DECAYS)),
  idfWeight: idf,
};

/**
 * V-SKNN: S-KNN in which later clicks of the session count more.
 *
 * sim(s, n) = Σ over i in s ∩ n of x_i / |s|, the dot product of s as weights and n as a binary vector; x_i is the
 *             last click of i, |s| the length in events, so that the current item has weight 1
 * score(i)  = Σ over the neighbours n with i of sim(s, n) / (|s| − x + 1), x the last click that s shares with n
 *                                                           (Ludewig, Jannach 2018, arXiv:1803.09587, section 3)
 *
 * 1 / (|s| − x + 1) is not in the paper, but the default of its authors' session-rec framework: on yoochoose-clicks-100k it
 * raises recall@20 / MRR@20 from 0.6719 / 0.3376 to 0.6844 / 0.3584. `scoreDecay` 'linear' has x / |s| there, as the paper's
 * S-SKNN; `idfWeight` is of Ludewig et al. 2021 (arXiv:1910.12781).
 */
export const vectorSessionKnnKind: BaselineKind = neighbourKind(
  'V-SKNN',
  vectorChecks,
  vectorSessionKnnMethod,
);

function vectorSessionKnnMethod(options: VectorSessionKnnOptions): NeighbourMethod {
  const { decay = 'linear', scoreDecay = 'div', idfWeight = 0 } = options;
  return {
    size: neighbourhood(options, 1000),
    weights: {
      ...EQUAL_WEIGHTS,
      click: DECAYS[decay],
      lastShared: SCORE_DECAYS[scoreDecay],
      item: inverseFrequency(idfWeight),
    },
  };
}

/** Options of STAN. By default, 500 neighbours of a sample of 5,000 sessions. Infinity switches a decay off. */
export interface StanOptions extends NeighbourhoodOptions {
  /** λ1 > 0, clicks after which an item of the session weighs 1/e in the similarity: 1.02 if not given. */
  readonly lambda1?: number;
  /** λ2 > 0, days after which a training session weighs 1/e: 5 if not given. */
  readonly lambda2?: number;
  /** λ3 > 0, clicks of the neighbour from the last shared item at which an item weighs 1/e: 2.05 if not given. */
  readonly lambda3?: number;
}

const stanChecks: OptionChecks<StanOptions> = {
  ...neighbourhoodChecks,
  lambda1: decay,
  lambda2: decay,
  lambda3: decay,
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
 * Ages are measured from the start of the most recent training session instead of t(s), which changes no ranking up to 745 λ2
 * days. The position of an item is its last click. The defaults are those of session-rec (Ludewig et al. 2021, arXiv:1910.12781).
 */
export const stanKind: BaselineKind = neighbourKind('STAN', stanChecks, stanMethod);

function stanMethod(options: StanOptions): NeighbourMethod {
  const { lambda1 = 1.02, lambda2 = 5, lambda3 = 2.05 } = options;
  const position = exponential(lambda1);
  return {
    size: neighbourhood(options, 5000),
    weights: {
      ...EQUAL_WEIGHTS,
      click: (click, length) => position(length - click),
      similarity: cosine,
      age: exponential(lambda2),
      distance: exponential(lambda3),
    },
  };
}

/** Options of VSTAN. Those that it shares with STAN have the same defaults. */
export interface VstanOptions extends StanOptions {
  /**
   * λ4 > 0, clicks of the session after the last shared item after which the items of a neighbour weigh 1/e: 1.02 if
   * not given; Infinity switches it off.
   */
  readonly lambda4?: number;
  /** λ ≥ 0 of the factor 1 + λ ln(sessions / sessions with i), which raises rare items: 5 if not given; 0 for no effect. */
  readonly idfWeight?: number;
}

const vstanChecks: OptionChecks<VstanOptions> = { ...stanChecks, lambda4: decay, idfWeight: idf };

/**
 * VSTAN: STAN with the item scoring of V-SKNN.
 *
 * score(i) = Σ over the neighbours n with i of sim2(s, n) · exp(−|p(i, n) − p(i*, n)| / λ3)
 *            · exp((p(i*, s) − |s|) / λ4) · (1 + λ ln(N / N_i)), N training sessions, N_i of them with i
 *             (Ludewig, Mauro, Latifi, Jannach 2021, User Modeling and User-Adapted Interaction, arXiv:1910.12781)
 *
 * sim2, p and i* are those of `stan`. The defaults are those of the authors' session-rec framework.
 */
export const vstanKind: BaselineKind = neighbourKind('VSTAN', vstanChecks, vstanMethod);

function vstanMethod(options: VstanOptions): NeighbourMethod {
  const { lambda4 = 1.02, idfWeight = 5 } = options;
  const lastPosition = exponential(lambda4);
  const { size, weights } = stanMethod(options);
  return {
    size,
    weights: {
      ...weights,
      lastShared: (click, length) => lastPosition(length - click),
      item: inverseFrequency(idfWeight),
    },
  };
}
