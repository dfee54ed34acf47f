import type { ScoringSession } from '@gru4rec/metrics';
import fc from 'fast-check';
import type { BaselineData } from '../src/baseline-kind.ts';

/** Creates training data from sessions of item indices; items are 0 to `itemCount` − 1. */
export function toData(itemCount: number, ...sessions: readonly (readonly number[])[]): BaselineData {
  const sessionOffsets = new Int32Array(sessions.length + 1);
  for (const [index, session] of sessions.entries()) {
    sessionOffsets[index + 1] = sessionOffsets[index] + session.length;
  }
  const items = Int32Array.from(sessions.flat());
  const support = new Int32Array(itemCount);
  for (const item of items) support[item]++;
  return { support, train: { sessionOffsets, items } };
}

/** Feeds one event per slot; resets the slots whose input is in `resets`. */
export function stepWith(session: ScoringSession, input: number[], resets: number[]): number[] {
  return [...session.step(Int32Array.from(input), Float32Array.from(resets))];
}

/** Up to ten sessions of items 0 to 7, with at least one event in total. */
export const someSessions: fc.Arbitrary<number[][]> = fc
  .array(fc.array(fc.nat({ max: 7 }), { maxLength: 7 }), { maxLength: 10 })
  .map((sessions) => [[0], ...sessions]);
