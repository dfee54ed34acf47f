import { topItems } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markov } from '../src/markov.ts';
import { about } from './about.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

describe('markov', () => {
  it('scores items by how often they came right after the last one, itself included', () => {
    const scorer = markov(
      toData(
        [
          [0, 1, 2],
          [0, 2, 0],
          [1, 1],
          [0, 2],
        ],
        4,
      ),
    );
    expect(scorer.name).toBe('Markov');
    const session = scorer.open(1);
    expect(stepWith(session, [0], [1])).toEqual(about([4 / 10 - 1, 1 / 3, 2 / 3, 0 / 10 - 1]));
    expect(stepWith(session, [1], [0])).toEqual(about([4 / 10 - 1, 1 / 2, 1 / 2, 0 / 10 - 1]));
    expect(stepWith(session, [2], [0])).toEqual(about([1, 3 / 10 - 1, 3 / 10 - 1, 0 / 10 - 1]));
  });

  it('keeps every transition', () => {
    const others = Array.from({ length: 50 }, (_, index) => index + 1);
    const scores = stepWith(
      markov(
        toData(
          others.map((other) => [0, other]),
          51,
        ),
      ).open(1),
      [0],
      [1],
    );
    expect(scores.slice(1)).toEqual(about(others.map(() => 1 / 50)));
  });

  it('scores by the conditional probability of the next item', () => {
    fc.assert(
      fc.property(someSessions, fc.nat({ max: 7 }), (sessions, last) => {
        const events = sessions.flat();
        const next = sessions.flatMap((session) => session.filter((_, at) => session[at - 1] === last));
        const count = (all: readonly number[], item: number): number =>
          all.filter((other) => other === item).length;
        const expected = Array.from({ length: 8 }, (_, item) =>
          next.includes(item) ? count(next, item) / next.length : count(events, item) / events.length - 1,
        );
        expect(stepWith(markov(toData(sessions, 8)).open(1), [last], [1])).toEqual(about(expected));
      }),
      { seed: 1 },
    );
  });

  it('ranks by transitions, equal ones by popularity', () => {
    fc.assert(
      fc.property(someSessions, fc.nat({ max: 7 }), (sessions, last) => {
        const next = sessions.flatMap((session) => session.filter((_, at) => session[at - 1] === last));
        const count = (all: readonly number[], item: number): number =>
          all.filter((other) => other === item).length;
        const expected = Array.from({ length: 8 }, (_, item) => item).sort(
          (a, b) =>
            count(next, b) - count(next, a) || count(sessions.flat(), b) - count(sessions.flat(), a) || a - b,
        );
        const scores = stepWith(markov(toData(sessions, 8)).open(1), [last], [1]);
        expect([...topItems(Float64Array.from(scores), 8)]).toEqual(expected);
      }),
      { seed: 1 },
    );
  });
});
