/**
 * What tells the session-based nearest neighbours apart. With s the session at hand and n a training session,
 *
 * sim(s, n) = similarity(Σ over i in s ∩ n of click(i, s), |s|, |n|) · age(n)
 * score(i)  = Σ over the neighbours n that hold i of sim(s, n) · lastShared(i*, s) · distance(i, i*) · item(i)
 *
 * where |s| and |n| count different items and i* is the item of s ∩ n that s clicked last. Clicks are counted from 1
 * to the length of the session in events; an item clicked more than once stands at its last click, in s as in n.
 */
export interface SessionWeights {
  /** Of an item of s in the similarity, by its click and the length of s. */
  readonly click: (click: number, length: number) => number;
  /** By the weight of the shared items and the numbers of different items of s and n. */
  readonly similarity: (shared: number, own: number, other: number) => number;
  /** By the days between the starts of n and of the most recent training session. */
  readonly age: (days: number) => number;
  /** By the click of i* in s and the length of s. */
  readonly lastShared: (click: number, length: number) => number;
  /** By the events between i and i* in n. */
  readonly distance: (events: number) => number;
  /** By the number of training sessions that hold i and of all training sessions. */
  readonly item: (holding: number, sessions: number) => number;
}

const one = (): number => 1;

/** Every weight 1, and as similarity the number of shared items. */
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
 * Lifts rare items: 1 + λ · idf(i), idf(i) = ln(sessions / sessions that hold i).
 *
 * The 1 keeps items of every session in the lists, and with λ = 0 leaves the scores as they are.
 */
export function inverseFrequency(idfWeight: number): SessionWeights['item'] {
  return (holding, sessions) => 1 + idfWeight * Math.log(sessions / holding);
}
