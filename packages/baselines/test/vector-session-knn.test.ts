import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineOptions } from '../src/baseline-kind.ts';
import { createBaseline } from '../src/create-baseline.ts';
import { vectorSessionKnn } from '../src/vector-session-knn.ts';
import {
  expectScores,
  lastClick,
  naiveScores,
  scoresAfter,
  sharedItems,
  someSession,
  someSize,
  someTimedSessions,
  toTimedData,
} from './timed-sessions.ts';

const decays = {
  linear: (item: number, s: readonly number[]) => lastClick(item, s) / s.length,
  quadratic: (item: number, s: readonly number[]) => (lastClick(item, s) / s.length) ** 2,
  none: () => 1,
};

const scoreDecays = {
  ...decays,
  div: (item: number, s: readonly number[]) => 1 / (s.toReversed().indexOf(item) + 1),
};

describe('vectorSessionKnn', () => {
  const data = toTimedData(
    [
      { items: [0, 1], day: 0 },
      { items: [0, 2, 3], day: 1 },
      { items: [3, 3], day: 2 },
    ],
    5,
  );

  it('weights items by their last click, and neighbours by the distance to the last shared one', () => {
    const scorer = vectorSessionKnn(data);
    expect(scorer.name).toBe('V-SKNN');
    // 3 is clicked first, 0 second and again last.
    const [first, second, third] = [3 / 3, 1 / 3 + 3 / 3, 1 / 3 / 3];
    expectScores(scoresAfter(scorer, [3, 0, 0]), [first + second, first, second, second + third, -1]);
  });

  it('can weight quadratically or equally', () => {
    const first = 1;
    for (const [decay, early] of [
      ['quadratic', (1 / 2) ** 2],
      ['none', 1],
    ] as const) {
      const [second, third] = [early + 1, early];
      const scores = scoresAfter(vectorSessionKnn(data, { decay, scoreDecay: 'none' }), [3, 0]);
      expectScores(scores, [first + second, first, second, second + third, -1]);
    }
  });

  it('can weight neighbours by the last shared click', () => {
    for (const [scoreDecay, early] of [
      ['div', 1 / 3],
      ['linear', 1 / 3],
      ['quadratic', 1 / 9],
      ['none', 1],
    ] as const) {
      const [first, second, third] = [1, 1 / 3 + 1, (1 / 3) * early];
      const scores = scoresAfter(vectorSessionKnn(data, { scoreDecay }), [3, 4, 0]);
      expectScores(scores, [first + second, first, second, second + third, -1]);
    }
  });

  it('can give rare items more weight', () => {
    const scores = scoresAfter(vectorSessionKnn(data, { idfWeight: 2 }), [0]);
    const lift = (holding: number): number => 1 + 2 * Math.log(3 / holding);
    expectScores(scores, [2 * lift(2), lift(1), lift(1), lift(2), -1]);
  });

  it('samples 1,000 sessions and keeps 500 of them by default', () => {
    const many = (count: number, items: number[]) => Array.from({ length: count }, () => ({ items, day: 0 }));
    const training = [...many(1, [0, 1, 4]), ...many(400, [0, 1, 2]), ...many(600, [0, 3])];
    const scores = scoresAfter(vectorSessionKnn(toTimedData(training, 5)), [1, 0]);
    expect(scores[4]).toBe(1 / 2403 - 1);
    expect(scores[2]).toBeCloseTo(400 * (1 / 2 + 1), 5);
    expect(scores[3]).toBeCloseTo(100, 5);
  });

  const decayNames = ['linear', 'quadratic', 'none'] as const;
  const decay = fc.constantFrom(...decayNames);
  it('agrees with the formula', () => {
    fc.assert(
      fc.property(
        fc.tuple(someTimedSessions, someSession, someSize),
        fc.record({
          decay,
          scoreDecay: fc.constantFrom('div', ...decayNames),
          idfWeight: fc.constantFrom(0, 1, 10),
        }),
        ([training, session, size], options) => {
          const holding = (item: number) => training.filter(({ items }) => items.includes(item)).length;
          const scores = naiveScores(training, session, size, {
            similarity: (s, n) =>
              sharedItems(s, n).reduce((sum, item) => sum + decays[options.decay](item, s), 0),
            gain: (item, s, n) => {
              const last = sharedItems(s, n).at(-1) ?? -1;
              const idf = Math.log(training.length / holding(item));
              return scoreDecays[options.scoreDecay](last, s) * (1 + options.idfWeight * idf);
            },
          });
          const scorer = vectorSessionKnn(toTimedData(training, 8), { ...size, ...options });
          expectScores(scoresAfter(scorer, session), scores, 12);
        },
      ),
      { seed: 1 },
    );
  });

  it.each([
    [{ neighbours: 0 }, '"neighbours" expected integer >= 1, got 0.'],
    [{ sampleSize: Number.NaN }, '"sampleSize" expected integer >= 1, got NaN.'],
    [{ decay: 'log' }, '"decay" expected linear, quadratic, none, got "log".'],
    [{ scoreDecay: 'toString' }, '"scoreDecay" expected linear, quadratic, none, div, got "toString".'],
    [{ idfWeight: -1 }, '"idfWeight" expected finite number >= 0, got -1. 0 switches it off.'],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('v-sknn', data, options as BaselineOptions)).toThrow(
      new RangeError(`createBaseline: ${message}`),
    );
  });
});
