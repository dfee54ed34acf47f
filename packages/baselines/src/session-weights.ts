import {
  countOrAll,
  finite,
  integer,
  type OptionCheck,
  type OptionChecks,
  positive,
} from '@gru4rec/checked-options';

/**
 * The weights in which the session-based nearest neighbours differ. With s the current session and n a training session,
 *
 * sim(s, n) = similarity(Σ over i in s ∩ n of click(i, s), |s|, |n|) · age(n)
 * score(i)  = Σ over the neighbours n with i of sim(s, n) · lastShared(i*, s) · distance(i, i*) · item(i)
 *
 * where |s| and |n| count distinct items and i* is the item of s ∩ n that s clicked last. Clicks are numbered from 1 to the
 * length of the session in events. The position of an item is its last click, in s and in n.
 */
export interface SessionWeights {
  /** Weight of an item of s in the similarity, by its click and the length of s. */
  readonly click: (click: number, length: number) => number;
  /** Similarity, by the weight of the shared items and the numbers of distinct items of s and n. */
  readonly similarity: (shared: number, own: number, other: number) => number;
  /** Weight by the days between the starts of n and of the most recent training session. */
  readonly age: (days: number) => number;
  /** Weight by the click of i* in s and the length of s. */
  readonly lastShared: (click: number, length: number) => number;
  /** Weight by the events between i and i* in n. */
  readonly distance: (events: number) => number;
  /** Weight by the number of training sessions with i and of all training sessions. */
  readonly item: (holding: number, sessions: number) => number;
}

const one = (): number => 1;

/** All weights 1; the similarity is the number of shared items. */
export const EQUAL_WEIGHTS: SessionWeights = {
  click: one,
  similarity: (shared) => shared,
  age: one,
  lastShared: one,
  distance: one,
  item: one,
};

/** Cosine of two sessions as binary vectors, the shared items weighted: Σ / √(|s| |n|). */
export function cosine(shared: number, own: number, other: number): number {
  return shared / Math.sqrt(own * other);
}

/** e^(−x/λ); 1 if λ is Infinity. */
export function exponential(lambda: number): (distance: number) => number {
  return (distance) => Math.exp(-distance / lambda);
}

/**
 * Raises the scores of rare items: 1 + λ · idf(i), idf(i) = ln(sessions / sessions with i).
 *
 * The 1 keeps items that every session has in the lists, and makes λ = 0 leave the scores unchanged.
 */
export function inverseFrequency(idfWeight: number): SessionWeights['item'] {
  return (holding, sessions) => 1 + idfWeight * Math.log(sessions / holding);
}

/** Numbers of sessions that a session-based nearest neighbour considers. */
export interface NeighbourhoodOptions {
  /** k, the most similar sessions of the sample, whose items are scored. */
  readonly neighbours?: number;
  /** m, size of the sample: the most recent training sessions that share an item with the current session. */
  readonly sampleSize?: number;
  /**
   * Number of training sessions to index, those that start last: all if not given, as with Infinity. The others still
   * count for the popularity of items, but not for how rare an item is.
   */
  readonly indexSessions?: number;
}

export type NeighbourhoodDefaults = Required<Omit<NeighbourhoodOptions, 'indexSessions'>>;

export const neighbourhoodChecks: OptionChecks<NeighbourhoodOptions> = {
  neighbours: integer(1),
  sampleSize: integer(1),
  indexSessions: countOrAll,
};

/** The check of a λ of weights e^(−x/λ); with Infinity every weight is 1. */
export const lambdaCheck: OptionCheck = { ...positive, advice: 'Infinity switches it off.' };

/** The check of the λ of `inverseFrequency`. */
export const idfCheck: OptionCheck = { ...finite(0), advice: '0 switches it off.' };

export function neighbourhood(
  options: NeighbourhoodOptions,
  defaults: NeighbourhoodDefaults,
): Required<NeighbourhoodOptions> {
  const { neighbours = defaults.neighbours, sampleSize = defaults.sampleSize } = options;
  return { neighbours, sampleSize, indexSessions: options.indexSessions ?? Number.POSITIVE_INFINITY };
}
