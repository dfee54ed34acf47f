/** Scores of all items after clicks; the array is the caller's. */
export type ScoresAfter = (clicks: readonly number[]) => Float32Array | Float64Array;

/** How scores of different sessions are compared. */
export type Measure = 'log-probability' | 'above-mean';

/** What one click contributes to the listed items. */
export interface ClickContribution {
  /** Position of the click in the session. */
  readonly position: number;
  /** Per listed item: its measure with all clicks minus that without this click. Above 0, the click pulls it up. */
  readonly changes: readonly number[];
  /** Per listed item: its place among all items without this click, from 1. */
  readonly places: readonly number[];
}

/** What the last clicks contribute. */
export interface Contributions {
  readonly measure: Measure;
  /** Oldest first. Empty for a session of one click, which is nothing without it. */
  readonly clicks: readonly ClickContribution[];
}

/** The most clicks that are left out, the last ones, since each costs a session. */
export const MOST_LEFT_OUT = 8;

/**
 * Contributions of the last clicks to items: the session is repeated without each of them.
 *
 * A score has a meaning only beside the others of its list. With cross-entropy, the measure is the logarithm of the item's
 * probability, score − log Σ e^score; with the other losses, the score above the mean of all scores.
 *
 * @param clicks - item indices, oldest first.
 * @param targets - the listed items' indices.
 */
export function leaveOneOut(
  clicks: readonly number[],
  targets: readonly number[],
  { scoresAfter, measure }: { readonly scoresAfter: ScoresAfter; readonly measure: Measure },
): Contributions {
  if (clicks.length < 2) return { measure, clicks: [] };
  const full = measured(scoresAfter(clicks), targets, measure);
  const first = Math.max(0, clicks.length - MOST_LEFT_OUT);
  const contributions = clicks.slice(first).map((_, offset) => {
    const position = first + offset;
    const scores = scoresAfter(clicks.filter((__, place) => place !== position));
    const without = measured(scores, targets, measure);
    return {
      position,
      changes: full.map((value, target) => value - (without[target] ?? Number.NaN)),
      places: targets.map((target) => placeOf(scores, target)),
    };
  });
  return { measure, clicks: contributions };
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
  let sum = 0;
  for (let item = 0; item < scores.length; item++) sum += scores[item] ?? 0;
  return sum / scores.length;
}

/** Place of an item, from 1; of equal scores, the item with the smaller index comes first. */
function placeOf(scores: ArrayLike<number>, target: number): number {
  const own = scores[target] ?? Number.NaN;
  let before = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item] ?? Number.NaN;
    if (score > own || (score === own && item < target)) before++;
  }
  return before + 1;
}
