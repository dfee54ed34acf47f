import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineOptions } from '../src/baseline-kind.ts';
import { createBaseline } from '../src/create-baseline.ts';
import { sessionKnn } from '../src/session-knn.ts';
import {
  expectScores,
  naiveScores,
  scoresAfter,
  sharedItems,
  sizeOf,
  someSession,
  someSize,
  someTimedSessions,
  toTimedData,
} from './timed-sessions.ts';

const similarities = {
  cosine: (s: readonly number[], n: readonly number[]) =>
    sharedItems(s, n).length / Math.sqrt(sizeOf(s) * sizeOf(n)),
  jaccard: (s: readonly number[], n: readonly number[]) =>
    sharedItems(s, n).length / new Set([...s, ...n]).size,
};

describe('sessionKnn', () => {
  const data = toTimedData(
    [
      { items: [0, 1, 0], day: 0 },
      { items: [1, 2], day: 1 },
      { items: [0, 2, 3], day: 2 },
    ],
    5,
  );

  it('sums the cosines of the sessions with an item, and scores other items by popularity', () => {
    const scorer = sessionKnn(data);
    expect(scorer.name).toBe('S-KNN');
    const [first, third] = [1 / Math.sqrt(1 * 2), 1 / Math.sqrt(1 * 3)];
    expectScores(scoresAfter(scorer, [0]), [first + third, first, third, third, 0 / 8 - 1]);
  });

  it('treats the session as a set of items', () => {
    const scorer = sessionKnn(data);
    const [first, second, third] = [2 / Math.sqrt(2 * 2), 1 / Math.sqrt(2 * 2), 1 / Math.sqrt(2 * 3)];
    const expected = [first + third, first + second, second + third, third, -1];
    expectScores(scoresAfter(scorer, [1, 0]), expected);
    expectScores(scoresAfter(scorer, [0, 1, 1, 0]), expected);
  });

  it('can use the Jaccard similarity', () => {
    const scores = scoresAfter(sessionKnn(data, { similarity: 'jaccard' }), [0]);
    expectScores(scores, [1 / 2 + 1 / 3, 1 / 2, 1 / 3, 1 / 3, -1]);
  });

  it('samples the most recent sessions', () => {
    const third = 1 / Math.sqrt(3);
    expectScores(scoresAfter(sessionKnn(data, { sampleSize: 1 }), [0]), [third, 2 / 8 - 1, third, third, -1]);
  });

  it('keeps the most similar sessions of the sample', () => {
    const first = 1 / Math.sqrt(2);
    const scores = scoresAfter(sessionKnn(data, { neighbours: 1 }), [0]);
    expectScores(scores, [first, first, 2 / 8 - 1, 1 / 8 - 1, -1]);
  });

  it('samples 1,000 sessions and keeps 500 of them by default', () => {
    const many = (count: number, items: number[]) => Array.from({ length: count }, () => ({ items, day: 0 }));
    const scorer = sessionKnn(
      toTimedData([...many(1, [0, 1]), ...many(400, [0, 2]), ...many(600, [0, 3, 4])], 5),
    );
    const [short, long] = [1 / Math.sqrt(2), 1 / Math.sqrt(3)];
    const scores = scoresAfter(scorer, [0]);
    expect(scores[1]).toBe(1 / 2602 - 1);
    expect(scores[2]).toBeCloseTo(400 * short, 5);
    expect(scores[3]).toBeCloseTo(100 * long, 5);
  });

  it.each(['cosine', 'jaccard'] as const)('agrees with the formula for %s', (similarity) => {
    fc.assert(
      fc.property(someTimedSessions, someSession, someSize, (training, session, size) => {
        const method = { similarity: similarities[similarity], gain: () => 1 };
        const scorer = sessionKnn(toTimedData(training, 8), { ...size, similarity });
        expectScores(scoresAfter(scorer, session), naiveScores(training, session, size, method), 12);
      }),
      { seed: 1 },
    );
  });

  it.each([
    [{ neighbours: 0 }, '"neighbours" expected integer >= 1, got 0.'],
    [{ sampleSize: 1.5 }, '"sampleSize" expected integer >= 1, got 1.5.'],
    [{ similarity: 'dot' }, '"similarity" expected cosine, jaccard, got "dot".'],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('s-knn', data, options as BaselineOptions)).toThrow(
      new RangeError(`createBaseline: ${message}`),
    );
  });

  it('requires start times', () => {
    const { support, train } = data;
    const { sessionOffsets, items } = train;
    expect(() => sessionKnn({ support, train: { sessionOffsets, items } })).toThrow(
      'sessionKnn: "train.sessionStartTimes" expected Float64Array, got undefined.',
    );
  });
});
