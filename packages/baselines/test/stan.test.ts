import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline } from '../src/create-baseline.ts';
import { stan } from '../src/stan.ts';
import {
  expectScores,
  lastClick,
  naiveScores,
  scoresAfter,
  sharedItems,
  sizeOf,
  someSession,
  someSize,
  someTimedSessions,
  toTimedData,
} from './timed-sessions.ts';

describe('stan', () => {
  const off = { lambda1: Infinity, lambda2: Infinity, lambda3: Infinity };
  const data = toTimedData(
    [
      { items: [0, 1, 2], day: 0 },
      { items: [3, 0], day: 10 },
    ],
    5,
  );

  it('is the cosine with every decay off', () => {
    const scorer = stan(data, off);
    expect(scorer.name).toBe('STAN');
    const [first, second] = [1 / Math.sqrt(3), 1 / Math.sqrt(2)];
    expectScores(scoresAfter(scorer, [0]), [first + second, first, first, second, -1]);
  });

  it('forgets the items of the session by λ1', () => {
    const scores = scoresAfter(stan(data, { ...off, lambda1: 2 }), [3, 4, 0]);
    const first = 1 / Math.sqrt(3 * 3);
    const second = (Math.exp(-2 / 2) + 1) / Math.sqrt(3 * 2);
    expectScores(scores, [first + second, first, first, second, -1]);
  });

  it('forgets training sessions by λ2, in days before the most recent one', () => {
    const scores = scoresAfter(stan(data, { ...off, lambda2: 5 }), [0]);
    const [first, second] = [Math.exp(-10 / 5) / Math.sqrt(3), 1 / Math.sqrt(2)];
    expectScores(scores, [first + second, first, first, second, -1]);
  });

  it('prefers items near the last shared one by λ3, on either side', () => {
    const scores = scoresAfter(stan(data, { ...off, lambda3: 2 }), [0]);
    const [first, second] = [1 / Math.sqrt(3), 1 / Math.sqrt(2)];
    expectScores(scores, [
      first + second,
      first * Math.exp(-1 / 2),
      first * Math.exp(-2 / 2),
      second * Math.exp(-1 / 2),
      -1,
    ]);
  });

  it('uses λ1 = 1.02, λ2 = 5 days and λ3 = 2.05 by default', () => {
    const given = stan(data, { lambda1: 1.02, lambda2: 5, lambda3: 2.05 });
    expect(scoresAfter(stan(data), [3, 1, 0])).toEqual(scoresAfter(given, [3, 1, 0]));
    expect(scoresAfter(stan(data), [3, 1, 0])).not.toEqual(scoresAfter(stan(data, off), [3, 1, 0]));
  });

  it('samples 5,000 sessions and keeps 500 of them by default', () => {
    const many = (count: number, items: number[]) => Array.from({ length: count }, () => ({ items, day: 0 }));
    const training = [...many(1, [0, 1]), ...many(400, [0, 2]), ...many(4600, [0, 3, 4])];
    const scores = scoresAfter(stan(toTimedData(training, 5), off), [0]);
    expect(scores[1]).toBe(1 / 14602 - 1);
    expect(scores[2]).toBeCloseTo(400 / Math.sqrt(2), 5);
    expect(scores[3]).toBeCloseTo(100 / Math.sqrt(3), 5);
  });

  const lambda = fc.constantFrom(0.5, 2, Infinity);
  it('agrees with the formula', () => {
    fc.assert(
      fc.property(
        fc.tuple(someTimedSessions, someSession, someSize),
        fc.record({ lambda1: lambda, lambda2: lambda, lambda3: lambda }),
        ([training, session, size], options) => {
          const { lambda1, lambda2, lambda3 } = options;
          const scores = naiveScores(training, session, size, {
            similarity: (s, n, age) => {
              const weights = sharedItems(s, n).map((item) =>
                Math.exp((lastClick(item, s) - s.length) / lambda1),
              );
              const dot = weights.reduce((sum, weight) => sum + weight, 0);
              return (dot / Math.sqrt(sizeOf(s) * sizeOf(n))) * Math.exp(-age / lambda2);
            },
            gain: (item, s, n) => {
              const last = sharedItems(s, n).at(-1) ?? -1;
              return Math.exp(-Math.abs(lastClick(item, n) - lastClick(last, n)) / lambda3);
            },
          });
          const scorer = stan(toTimedData(training, 8), { ...size, ...options });
          expectScores(scoresAfter(scorer, session), scores, 12);
        },
      ),
      { seed: 1 },
    );
  });

  it.each([
    [{ neighbours: -1 }, '"neighbours" expected integer >= 1, got -1.'],
    [{ sampleSize: 0 }, '"sampleSize" expected integer >= 1, got 0.'],
    [{ lambda1: 0 }, '"lambda1" expected number > 0, got 0. Infinity switches it off.'],
    [{ lambda2: -5 }, '"lambda2" expected number > 0, got -5. Infinity switches it off.'],
    [{ lambda3: Number.NaN }, '"lambda3" expected number > 0, got NaN. Infinity switches it off.'],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('stan', data, options)).toThrow(new RangeError(`createBaseline: ${message}`));
  });
});
