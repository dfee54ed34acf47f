import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineData, BaselineOptions } from '../src/baseline-kind.ts';
import { createBaseline } from '../src/create-baseline.ts';
import type { Weighting } from '../src/rule-methods.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

/** Matches the scores up to the popularity part that breaks ties. */
function about(scores: readonly number[]): unknown[] {
  return scores.map((score) => expect.closeTo(score, 6));
}

/** The scores of a baseline after a click. */
const after = (id: string, train: BaselineData, item = 0, options?: BaselineOptions): number[] =>
  stepWith(createBaseline(id, train, options).open(1), [item], [1]);

/** One session with a click on each item. */
const chainOf = (items: number) => toData(items, [...Array(items).keys()]);

const data = toData(4, [0, 1, 2], [0, 2, 0], [1, 1], [3]);
/** The scores of its items by popularity. */
const share = [3 / 9 - 1, 3 / 9 - 1, 2 / 9 - 1, 1 / 9 - 1];

describe('markov', () => {
  it('keeps every transition', () => {
    const others = Array.from({ length: 50 }, (_, index) => index + 1);
    const scores = after('markov', toData(51, ...others.map((other) => [0, other])));
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
        expect(after('markov', toData(8, ...sessions), last)).toEqual(about(expected));
      }),
      { seed: 1 },
    );
  });
});

describe('associationRules', () => {
  it('keeps the requested number of rules, 20 by default', () => {
    expect(after('ar', data, 0, { pruning: 1 })).toEqual(about([share[0], share[1], 3 / 6, share[3]]));
    const kept = after('ar', chainOf(30)).filter((score) => score > 0);
    expect(kept).toEqual(about(Array.from({ length: 20 }, () => 1 / 29)));
  });

  it('divides by Σ (|p| − 1) over the events of the last item', () => {
    fc.assert(
      fc.property(someSessions, fc.nat({ max: 7 }), (sessions, last) => {
        const scores = after('ar', toData(8, ...sessions), last);
        const events = (session: readonly number[], item: number): number =>
          session.filter((other) => other === item).length;
        const total = sessions.reduce((sum, own) => sum + events(own, last) * (own.length - 1), 0);
        for (let item = 0; item < 8; item++) {
          const together = sessions.reduce(
            (sum, own) => sum + events(own, last) * (events(own, item) - (item === last ? 1 : 0)),
            0,
          );
          if (together > 0) expect(scores[item]).toBeCloseTo(together / total, 6);
          else expect(scores[item]).toBeLessThanOrEqual(0);
        }
      }),
      { seed: 1 },
    );
  });
});

describe('sequentialRules', () => {
  it('scores items by how often and how soon they came after the last one, itself included', () => {
    const scorer = createBaseline('sr', data);
    expect(scorer.name).toBe('SR');
    const session = scorer.open(1);
    expect(stepWith(session, [0], [1])).toEqual(about([1 / 2 / 4, 1 / 4, (1 / 2 + 1) / 4, share[3]]));
    expect(stepWith(session, [1], [0])).toEqual(about([share[0], 1 / 2, 1 / 2, share[3]]));
    expect(stepWith(session, [3], [0])).toEqual(share);
  });

  it('has no rule from an item to itself without repeats', () => {
    const once = { repeats: false };
    expect(after('sr', data, 0, once)).toEqual(about([share[0], 1 / 3, (1 / 2 + 1) / 3, share[3]]));
    expect(after('sr', data, 1, once)).toEqual(about([share[0], share[1], 1, share[3]]));
  });

  it.each<[Weighting, (distance: number) => number]>([
    ['div', (distance) => 1 / distance],
    ['linear', (distance) => (10 - distance) / 10],
    ['quadratic', (distance) => 1 / (distance * distance)],
    ['log', (distance) => Math.LN10 / Math.log(distance + 1.7)],
    ['same', () => 1],
  ])('weighs %s', (weighting, weigh) => {
    const scores = after('sr', chainOf(8), 0, { weighting });
    for (let distance = 1; distance < 8; distance++) {
      expect(scores[distance]).toBeCloseTo(weigh(distance) / 7, 6);
    }
  });

  it('has no linear rule from distance 10 on', () => {
    const scores = after('sr', chainOf(14), 0, { weighting: 'linear', steps: 12 });
    expect(scores[9]).toBeCloseTo(1 / 10 / 9, 6);
    expect(scores.slice(10)).toEqual([10, 11, 12, 13].map(() => 1 / 14 - 1));
  });

  const kept = (items: number, options: BaselineOptions): number =>
    after('sr', chainOf(items), 0, options).filter((score) => score > 0).length;

  it.each([
    [{ steps: 3 }, 3],
    [{}, 10],
    [{ steps: Number.POSITIVE_INFINITY }, 13],
  ])('looks back the requested number of steps, 10 by default: %j', (options, steps) => {
    expect(kept(14, options)).toBe(steps);
  });

  it.each([
    [{ pruning: 2 }, 2],
    [{}, 20],
    [{ pruning: Number.POSITIVE_INFINITY }, 29],
  ])('keeps the requested number of rules, 20 by default: %j', (options, rules) => {
    expect(kept(30, { steps: 29, ...options })).toBe(rules);
  });

  it.each([
    [{ steps: 0 }, '"steps" expected integer >= 1 or Infinity, got 0.'],
    [{ weighting: 'cubic' }, `"weighting" expected div, linear, quadratic, log, same, got "cubic".`],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('sr', data, options as BaselineOptions)).toThrow(
      new RangeError(`createBaseline: ${message}`),
    );
  });
});
