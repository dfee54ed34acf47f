import { expect } from 'vitest';

/** Matches the scores up to the popularity part that breaks ties. */
export function about(scores: readonly number[]): unknown[] {
  return scores.map((score) => expect.closeTo(score, 6));
}
