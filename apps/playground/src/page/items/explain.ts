type Scores = Float32Array | Float64Array;

/** Scores of all items after clicks; the array is the caller's. */
export type ScoresAfter = (clicks: readonly number[]) => Scores;

/** How scores of different sessions are compared. */
export type Measure = 'log-probability' | 'above-mean';

export interface ClickContribution {
  readonly position: number;
  /** Per listed item: its measure with all clicks minus that without this click. Above 0, the click pulls it up. */
  readonly changes: readonly number[];
  /** Per listed item: its place without this click among the items that the list may contain, from 1. */
  readonly places: readonly number[];
}

export interface ScoresOf {
  readonly scoresAfter: ScoresAfter;
  readonly measure: Measure;
  /** Item indices that the list does not contain, whatever their scores. */
  readonly excluded: Iterable<number>;
}

export interface Contributions {
  readonly measure: Measure;
  /** Oldest first. Empty for a session of one click, which is nothing without it. */
  readonly clicks: readonly ClickContribution[];
  /** Per listed item: what each part of the model adds to its score. */
  readonly parts: readonly Readonly<Record<string, number>>[];
}

/** The most clicks that are left out, the last ones, since each costs a session. */
export const MOST_LEFT_OUT = 8;

/**
 * Contributions of the last clicks: the session is repeated without each of them. With cross-entropy, the measure is the
 * logarithm of the probability, score − log Σ e^score; else the score above the mean. Sum and mean are over the items that the
 * list may contain. `clicks`, oldest first, and `targets` are item indices.
 */
export function leaveOneOut(
  clicks: readonly number[],
  targets: readonly number[],
  { scoresAfter, measure, excluded }: ScoresOf,
): Omit<Contributions, 'parts'> {
  if (clicks.length < 2) return { measure, clicks: [] };
  const among = (some: readonly number[]): Scores => without(scoresAfter(some), excluded);
  const full = measured(among(clicks), targets, measure);
  const first = Math.max(0, clicks.length - MOST_LEFT_OUT);
  const contributions = clicks.slice(first).map((_, offset) => {
    const position = first + offset;
    const scores = among(clicks.filter((__, place) => place !== position));
    const fewer = measured(scores, targets, measure);
    return {
      position,
      changes: full.map((value, target) => value - (fewer[target] ?? Number.NaN)),
      places: targets.map((target) => placeOf(scores, target)),
    };
  });
  return { measure, clicks: contributions };
}

function without(scores: Scores, excluded: Iterable<number>): Scores {
  for (const item of excluded) scores[item] = Number.NEGATIVE_INFINITY;
  return scores;
}

function measured(scores: ArrayLike<number>, targets: readonly number[], measure: Measure): number[] {
  const reference = measure === 'log-probability' ? logSumExp(scores) : meanOf(scores);
  return targets.map((target) => (scores[target] ?? Number.NaN) - reference);
}

function logSumExp(scores: ArrayLike<number>): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let item = 0; item < scores.length; item++) greatest = Math.max(greatest, scores[item] ?? 0);
  let sum = 0;
  for (let item = 0; item < scores.length; item++) sum += Math.exp((scores[item] ?? 0) - greatest);
  return greatest + Math.log(sum);
}

function meanOf(scores: ArrayLike<number>): number {
  let [sum, count] = [0, 0];
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item] ?? Number.NEGATIVE_INFINITY;
    if (score === Number.NEGATIVE_INFINITY) continue;
    sum += score;
    count++;
  }
  return sum / count;
}

/** Place of an item, from 1; of equal scores, the item with the smaller index comes first. */
function placeOf(scores: ArrayLike<number>, target: number): number {
  const targetScore = scores[target] ?? Number.NaN;
  let before = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item] ?? Number.NaN;
    if (score > targetScore || (score === targetScore && item < target)) before++;
  }
  return before + 1;
}

export interface ItemRows {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

export function rowOf({ cols, values }: ItemRows, item: number): Float32Array {
  return values.subarray(item * cols, (item + 1) * cols);
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
