import { expect } from 'vitest';

/** Expects the scores up to what tells equal ones apart. */
export function about(scores: readonly number[]): unknown[] {
  return scores.map((score) => expect.closeTo(score, 6));
}
