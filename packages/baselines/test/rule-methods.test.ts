import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineOptions } from '../src/baseline-kind.ts';
import { createBaseline } from '../src/create-baseline.ts';
import type { Weighting } from '../src/rule-methods.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

/** Matches the scores up to the popularity part that breaks ties. */
function about(scores: readonly number[]): unknown[] {
  return scores.map((score) => expect.closeTo(score, 6));
}

/** One session with a click on each item. */
const chainOf = (items: number) => toData(items, [...Array(items).keys()]);

const data = toData(4, [0, 1, 2], [0, 2, 0], [1, 1], [3]);
/** The scores of its items by popularity. */
const share = [3 / 9 - 1, 3 / 9 - 1, 2 / 9 - 1, 1 / 9 - 1];

describe('markov', () => {
  it('keeps every transition', () => {
    const others = Array.from({ length: 50 }, (_, index) => index + 1);
    const scores = stepWith(
      createBaseline('markov', toData(51, ...others.map((other) => [0, other]))).open(1),
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
        expect(stepWith(createBaseline('markov', toData(8, ...sessions)).open(1), [last], [1])).toEqual(
          about(expected),
        );
      }),
      { seed: 1 },
    );
  });
});

describe('associationRules', () => {
  it('keeps the requested number of rules, 20 by default', () => {
    const session = createBaseline('ar', data, { pruning: 1 }).open(1);
    expect(stepWith(session, [0], [1])).toEqual(about([share[0], share[1], 3 / 6, share[3]]));
    const kept = stepWith(createBaseline('ar', chainOf(30)).open(1), [0], [1]).filter((score) => score > 0);
    expect(kept).toEqual(about(Array.from({ length: 20 }, () => 1 / 29)));
  });

  it('divides by Σ (|p| − 1) over the events of the last item', () => {
    fc.assert(
      fc.property(someSessions, fc.nat({ max: 7 }), (sessions, last) => {
        const scores = stepWith(createBaseline('ar', toData(8, ...sessions)).open(1), [last], [1]);
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
    const session = createBaseline('sr', data, { repeats: false }).open(1);
    expect(stepWith(session, [0], [1])).toEqual(about([share[0], 1 / 3, (1 / 2 + 1) / 3, share[3]]));
    expect(stepWith(session, [1], [0])).toEqual(about([share[0], share[1], 1, share[3]]));
  });

  it.each<[Weighting, (distance: number) => number]>([
    ['div', (distance) => 1 / distance],
    ['linear', (distance) => (10 - distance) / 10],
    ['quadratic', (distance) => 1 / (distance * distance)],
    ['log', (distance) => Math.LN10 / Math.log(distance + 1.7)],
    ['same', () => 1],
  ])('weighs %s', (weighting, weigh) => {
    const chain = chainOf(8);
    const scores = stepWith(createBaseline('sr', chain, { weighting }).open(1), [0], [1]);
    for (let distance = 1; distance < 8; distance++) {
      expect(scores[distance]).toBeCloseTo(weigh(distance) / 7, 6);
    }
  });

  it('has no linear rule from distance 10 on', () => {
    const chain = chainOf(14);
    const linear = createBaseline('sr', chain, { weighting: 'linear', steps: 12 });
    const scores = stepWith(linear.open(1), [0], [1]);
    expect(scores[9]).toBeCloseTo(1 / 10 / 9, 6);
    expect(scores.slice(10)).toEqual([10, 11, 12, 13].map(() => 1 / 14 - 1));
  });

  it('looks back the requested number of steps, 10 by default', () => {
    const chain = chainOf(14);
    const reach = (options: BaselineOptions): number =>
      stepWith(createBaseline('sr', chain, options).open(1), [0], [1]).filter((score) => score > 0).length;
    expect(reach({ steps: 3 })).toBe(3);
    expect(reach({})).toBe(10);
    expect(reach({ steps: Number.POSITIVE_INFINITY })).toBe(13);
  });

  it('keeps the requested number of rules, 20 by default', () => {
    const chain = chainOf(30);
    const kept = (options: BaselineOptions): number[] =>
      stepWith(createBaseline('sr', chain, { steps: 29, ...options }).open(1), [0], [1]).flatMap(
        (score, item) => (score > 0 ? [item] : []),
      );
    expect(kept({ pruning: 2 })).toEqual([1, 2]);
    expect(kept({})).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(kept({ pruning: Number.POSITIVE_INFINITY })).toHaveLength(29);
  });

  it('equals the Markov chain for one step', () => {
    fc.assert(
      fc.property(someSessions, fc.nat({ max: 7 }), (sessions, last) => {
        const some = toData(8, ...sessions);
        const scores = stepWith(createBaseline('sr', some, { steps: 1 }).open(1), [last], [1]);
        expect(scores).toEqual(stepWith(createBaseline('markov', some).open(1), [last], [1]));
      }),
      { seed: 1 },
    );
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
