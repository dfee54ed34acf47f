import { topItems } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineData, BaselineOptions } from '../src/baseline-kind.ts';
import { createBaseline } from '../src/create-baseline.ts';
import { someSessions, stepWith, toData } from './sessions.ts';
import { toTimedData } from './timed-sessions.ts';

const data = toData(4, [0, 1, 1], [1, 2]);

describe('pop', () => {
  it('scores items by their share of the training events, for any clicks', () => {
    const scorer = createBaseline('pop', data);
    expect(scorer.name).toBe('POP');
    const row = [1 / 5, 3 / 5, 1 / 5, 0];
    expect(stepWith(scorer.open(2), [3, -1], [1, 0])).toEqual([...row, ...row]);
  });
});

describe('sessionPop', () => {
  it('adds the clicks of the session to the share of the training events', () => {
    const scorer = createBaseline('s-pop', data);
    expect(scorer.name).toBe('S-POP');
    const session = scorer.open(1);
    expect(stepWith(session, [3], [1])).toEqual([1 / 5, 3 / 5, 1 / 5, 1]);
    expect(stepWith(session, [0], [0])).toEqual([1 / 5 + 1, 3 / 5, 1 / 5, 1]);
    expect(stepWith(session, [3], [0])).toEqual([1 / 5 + 1, 3 / 5, 1 / 5, 2]);
  });
});

const withDays = (sessions: readonly (readonly number[])[], days: readonly number[]): BaselineData =>
  toTimedData(
    sessions.map((items, index) => ({ items, day: days[index] ?? 0 })),
    8,
  );

function rank(data: BaselineData, options: BaselineOptions = {}): number[] {
  const scores = stepWith(createBaseline('r-pop', data, options).open(1), [0], [1]);
  return [...topItems(Float64Array.from(scores), 8)];
}

describe('recentPop', () => {
  // Nine events; the latest session starts first in the data, at day 10.
  const sessions = [[3, 4, 4], [0, 0, 1], [2, 2], [4]];
  const data = withDays(sessions, [10, 1, 8.5, 9.5]);

  it('counts the events of sessions that start within a day of the latest', () => {
    const scorer = createBaseline('r-pop', data);
    expect([scorer.name, scorer.itemCount]).toEqual(['R-POP', 8]);
    const recent = [0, 0, 0, 1, 3, 0, 0, 0];
    const shares = [2 / 9, 1 / 9, 2 / 9, 1 / 9, 3 / 9, 0, 0, 0];
    const scores = stepWith(scorer.open(1), [7], [1]);
    for (const [item, score] of scores.entries()) {
      expect(score).toBeCloseTo((recent[item] + shares[item]) / (4 + 1), 14);
    }
  });

  it('agrees with the naive ranking', () => {
    const start = fc.nat({ max: 9 });
    fc.assert(
      fc.property(
        someSessions,
        fc.array(start, { minLength: 11, maxLength: 11 }),
        start,
        (some, starts, window) => {
          const days = starts.slice(0, some.length);
          const recent = some.filter((_, index) => days[index] >= Math.max(...days) - (window + 1));
          const count = (within: readonly (readonly number[])[], wanted: number): number =>
            within.flat().filter((item) => item === wanted).length;
          const expected = Array.from({ length: 8 }, (_, item) => item).sort(
            (a, b) => count(recent, b) - count(recent, a) || count(some, b) - count(some, a) || a - b,
          );
          expect(rank(withDays(some, days), { days: window + 1 })).toEqual(expected);
        },
      ),
      { seed: 1 },
    );
  });

  it.each([0, Number.POSITIVE_INFINITY])('refuses %s days', (wrong) => {
    expect(() => createBaseline('r-pop', data, { days: wrong })).toThrow(
      new RangeError(`createBaseline: "days" expected finite number > 0, got ${wrong}.`),
    );
  });
});
