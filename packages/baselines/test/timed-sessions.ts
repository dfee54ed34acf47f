import type { Scorer } from '@gru4rec/metrics';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { BaselineData } from '../src/baseline-kind.ts';
import { stepWith, toData } from './sessions.ts';

/** A training session of item indices and the day on which it starts. */
export interface TimedSession {
  readonly items: readonly number[];
  readonly day: number;
}

/** Creates training data from sessions in the given order; items are 0 to `itemCount` − 1. */
export function toTimedData(sessions: readonly TimedSession[], itemCount: number): BaselineData {
  const { support, train } = toData(itemCount, ...sessions.map(({ items }) => items));
  const sessionStartTimes = Float64Array.from(sessions, ({ day }) => day * 86_400_000);
  return { support, train: { ...train, sessionStartTimes } };
}

/** The scores after only one session. */
export function scoresAfter(scorer: Scorer, session: readonly number[]): number[] {
  const scoring = scorer.open(1);
  let scores: number[] = [];
  for (const [event, item] of session.entries()) scores = stepWith(scoring, [item], [event === 0 ? 1 : 0]);
  scoring.close();
  return scores;
}

/** Up to twelve sessions of items 0 to 7 on days 0 to 9, not in order of time, with at least one event in total. */
export const someTimedSessions: fc.Arbitrary<TimedSession[]> = fc
  .array(fc.record({ items: fc.array(fc.nat({ max: 7 }), { maxLength: 6 }), day: fc.nat({ max: 9 }) }), {
    maxLength: 12,
  })
  .map((sessions) => [{ items: [0], day: 3 }, ...sessions]);

/** The current session: one to six events of items 0 to 7. */
export const someSession: fc.Arbitrary<number[]> = fc.array(fc.nat({ max: 7 }), {
  minLength: 1,
  maxLength: 6,
});

/** Small limits, so that the sample and the neighbours are truncated. */
export const someSize: fc.Arbitrary<{ neighbours: number; sampleSize: number }> = fc.record({
  neighbours: fc.integer({ min: 1, max: 6 }),
  sampleSize: fc.integer({ min: 1, max: 10 }),
});

/** The formulas of a method over plain arrays; s and n are sessions of item indices. */
export interface NaiveMethod {
  readonly similarity: (s: readonly number[], n: readonly number[], age: number) => number;
  /** The weight of a neighbour's item, without the similarity. */
  readonly gain: (item: number, s: readonly number[], n: readonly number[]) => number;
}

/** Shared items in order of their last click in s. */
export function sharedItems(s: readonly number[], n: readonly number[]): number[] {
  return s.filter((item, at) => s.lastIndexOf(item) === at && n.includes(item));
}

/** Number of distinct items of a session. */
export function sizeOf(session: readonly number[]): number {
  return new Set(session).size;
}

/** Number of events up to the last click of an item. */
export function lastClick(item: number, session: readonly number[]): number {
  return session.lastIndexOf(item) + 1;
}

/** The scores of items 0 to 7 by the definition: sample, neighbours, sums, and shares − 1 for the rest. */
export function naiveScores(
  training: readonly TimedSession[],
  s: readonly number[],
  { neighbours, sampleSize }: { neighbours: number; sampleSize: number },
  { similarity, gain }: NaiveMethod,
): number[] {
  const latest = Math.max(...training.map(({ day }) => day));
  const found = training
    .map((session, place) => ({ ...session, place }))
    .filter(({ items }) => sharedItems(s, items).length > 0)
    .sort((a, b) => b.day - a.day || b.place - a.place)
    .slice(0, sampleSize)
    .map(({ items, day }, place) => ({ items, place, similarity: similarity(s, items, latest - day) }))
    .sort((a, b) => b.similarity - a.similarity || a.place - b.place)
    .slice(0, neighbours);
  const events = training.flatMap(({ items }) => items);
  return Array.from({ length: 8 }, (_, item) => {
    const holding = found.filter(({ items }) => items.includes(item));
    const share = events.filter((event) => event === item).length / events.length;
    if (holding.length === 0) return share - 1;
    return (
      holding.reduce((sum, n) => sum + n.similarity * gain(item, s, n.items), 0) * (1 + 2 ** -29 * share)
    );
  });
}

/** Expects equal scores up to the order of additions, or, with 8 digits, up to the part that breaks ties. */
export function expectScores(scores: readonly number[], expected: readonly number[], digits = 8): void {
  expect(scores).toHaveLength(expected.length);
  for (const [item, score] of scores.entries()) expect(score).toBeCloseTo(expected[item], digits);
}
