import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline } from '../src/create-baseline.ts';
import { stan } from '../src/stan.ts';
import { vstan } from '../src/vstan.ts';
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

describe('vstan', () => {
  const off = { lambda1: Infinity, lambda2: Infinity, lambda3: Infinity, lambda4: Infinity, idfWeight: 0 };
  const data = toTimedData(
    [
      { items: [0, 1, 2], day: 0 },
      { items: [3, 0], day: 10 },
    ],
    5,
  );

  it('is STAN with λ4 and the weight of rare items off', () => {
    const scorer = vstan(data, { lambda4: Infinity, idfWeight: 0 });
    expect(scorer.name).toBe('VSTAN');
    expectScores(scoresAfter(scorer, [3, 1, 0]), scoresAfter(stan(data), [3, 1, 0]));
  });

  it('weights neighbours by the last shared click with λ4', () => {
    const scores = scoresAfter(vstan(data, { ...off, lambda4: 2 }), [0, 1, 4]);
    const [first, second] = [
      (2 / Math.sqrt(3 * 3)) * Math.exp(-1 / 2),
      (1 / Math.sqrt(3 * 2)) * Math.exp(-2 / 2),
    ];
    expectScores(scores, [first + second, first, first, second, -1]);
  });

  it('gives rare items more weight', () => {
    const [first, second] = [1 / Math.sqrt(3), 1 / Math.sqrt(2)];
    const lift = 1 + 3 * Math.log(2 / 1);
    const scores = scoresAfter(vstan(data, { ...off, idfWeight: 3 }), [0]);
    expectScores(scores, [first + second, first * lift, first * lift, second * lift, -1]);
  });

  it('adds λ4 = 1.02 and an idf weight of 5 to the defaults of STAN', () => {
    const given = { lambda1: 1.02, lambda2: 5, lambda3: 2.05, lambda4: 1.02, idfWeight: 5 };
    const expected = scoresAfter(vstan(data, { neighbours: 500, sampleSize: 5000, ...given }), [3, 1, 4]);
    expect(scoresAfter(vstan(data), [3, 1, 4])).toEqual(expected);
    for (const key of Object.keys(given)) {
      expect(scoresAfter(vstan(data, { [key]: 0.7 }), [3, 1, 4])).not.toEqual(expected);
    }
  });

  const lambda = fc.constantFrom(0.5, 2, Infinity);
  const lambdas = { lambda1: lambda, lambda2: lambda, lambda3: lambda, lambda4: lambda };
  it('agrees with the formula', () => {
    fc.assert(
      fc.property(
        fc.tuple(someTimedSessions, someSession, someSize),
        fc.record({ ...lambdas, idfWeight: fc.constantFrom(0, 1, 5) }),
        ([training, session, size], options) => {
          const { lambda1, lambda2, lambda3, lambda4, idfWeight } = options;
          const holding = (item: number) => training.filter(({ items }) => items.includes(item)).length;
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
              const inNeighbour = Math.exp(-Math.abs(lastClick(item, n) - lastClick(last, n)) / lambda3);
              const inSession = Math.exp((lastClick(last, s) - s.length) / lambda4);
              return inNeighbour * inSession * (1 + idfWeight * Math.log(training.length / holding(item)));
            },
          });
          const scorer = vstan(toTimedData(training, 8), { ...size, ...options });
          expectScores(scoresAfter(scorer, session), scores, 12);
        },
      ),
      { seed: 1 },
    );
  });

  it.each([
    [{ neighbours: 2.5 }, '"neighbours" expected integer >= 1, got 2.5.'],
    [{ sampleSize: Infinity }, '"sampleSize" expected integer >= 1, got Infinity.'],
    [{ lambda1: 0 }, '"lambda1" expected number > 0, got 0. Infinity switches it off.'],
    [{ lambda2: 0 }, '"lambda2" expected number > 0, got 0. Infinity switches it off.'],
    [{ lambda3: 0 }, '"lambda3" expected number > 0, got 0. Infinity switches it off.'],
    [{ lambda4: 0 }, '"lambda4" expected number > 0, got 0. Infinity switches it off.'],
    [{ idfWeight: Infinity }, '"idfWeight" expected finite number >= 0, got Infinity. 0 switches it off.'],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('vstan', data, options)).toThrow(
      new RangeError(`createBaseline: ${message}`),
    );
  });
});
