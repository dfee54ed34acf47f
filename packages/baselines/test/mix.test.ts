import { evaluate } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemKnn } from '../src/item-knn.ts';
import { MIXED_BY, type MixBy, mix } from '../src/mix.ts';
import { pop } from '../src/pop.ts';
import { sessionPop } from '../src/session-pop.ts';
import { brokenScorer, constantScorer } from './constant-scorer.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

const [a, b, c] = [
  constantScorer('A', [3, 1, 2]),
  constantScorer('B', [0, 5, 5]),
  constantScorer('C', [0.1, 0.3, 0]),
];

describe('mix', () => {
  it('adds weighted reciprocal ranks', () => {
    const row = [1 / 61 + 3 / 63, 1 / 63 + 3 / 61.5, 1 / 62 + 3 / 61.5];
    const scores = stepWith(mix([a, b], { weights: [1, 3], by: 'rank' }).open(2), [0, 1], [1, 1]);
    for (const [index, score] of scores.entries()) expect(score).toBeCloseTo([...row, ...row][index], 15);
  });

  it('adds weighted scores, scaled to 0 to 1, by default', () => {
    const expected = [1 + 2 * (0.1 / 0.3), 0.5 + 2, 1 / 2 + 0.5];
    for (const options of [{ weights: [1, 0.5, 2] }, { weights: [1, 0.5, 2], by: 'score' } as const]) {
      const scorer = mix([a, b, c], options);
      expect(scorer.itemCount).toBe(3);
      const scores = stepWith(scorer.open(1), [0], [1]);
      for (const [item, score] of scores.entries()) expect(score).toBeCloseTo(expected[item], 15);
    }
  });

  it.each([
    [[a], [2], 'mix of A 2'],
    [[a, b], [0.6, 0.4], 'mix of A 0.6 and B 0.4'],
    [[a, b], [0.9, 1 - 0.9], 'mix of A 0.9 and B 0.1'],
    [[a, b, c], [1 / 3, 0, 2 / 3], 'mix of A 0.333, B 0 and C 0.667'],
  ])('is named by its scorers and weights (%#)', (scorers, weights, name) => {
    expect(mix(scorers, { weights }).name).toBe(name);
  });

  it.each(MIXED_BY)('predicts like its only scorer with a weight, by %s', (by) => {
    fc.assert(
      fc.property(someSessions, (sessions) => {
        const data = toData([...sessions, [1, 2]], 8);
        const knn = itemKnn(data);
        const mixed = mix([knn, pop(data)], { weights: [0.3, 0], by });
        const options = { cutoffs: [1, 3], tieRule: 'standard', support: data.support } as const;
        // Warnings name the scorer.
        const { warnings: _, ...expected } = evaluate(knn, data.train, options);
        expect(evaluate(mixed, data.train, options)).toMatchObject(expected);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it.each(MIXED_BY)('scores slots independently, resets and idle steps included, by %s', (by) => {
    const clicks = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(someSessions, clicks, clicks, (sessions, own, other) => {
        const data = toData(sessions, 8);
        const mixed = mix([sessionPop(data), itemKnn(data)], { weights: [1, 1], by });
        const [single, together] = [mixed.open(1), mixed.open(2)];
        stepWith(together, [-1, 5], [1, 1]);
        for (const [event, item] of own.entries()) {
          const reset = event === 0 ? 1 : 0;
          const expected = stepWith(single, [item], [reset]);
          const scores = stepWith(together, [other[event] ?? -1, item], [reset, reset]);
          expect(scores.slice(8)).toEqual(expected);
          expect(scores.every(Number.isFinite)).toBe(true);
          stepWith(together, [1, -1], [0, 0]);
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('can be part of another mix', () => {
    const inner = mix([a, b], { weights: [1, 1] });
    expect(mix([inner, c], { weights: [0.5, 0.5] }).name).toBe('mix of mix of A 1 and B 1 0.5 and C 0.5');
    const scores = stepWith(mix([inner, c], { weights: [1, 0] }).open(1), [0], [1]);
    expect(scores).toHaveLength(3);
  });

  it('closes every scorer, even after one that fails', () => {
    const [first, last] = [constantScorer('A', [1, 2]), constantScorer('B', [1, 2])];
    mix([first, last], { weights: [1, 1] })
      .open(1)
      .close();
    expect([first.closed, last.closed]).toEqual([1, 1]);
    const failing = mix([first, brokenScorer(2, 'close'), last], { weights: [1, 1, 1] }).open(1);
    expect(() => failing.close()).toThrow(new Error('no close'));
    expect([first.closed, last.closed]).toEqual([2, 2]);
  });

  it('closes the opened scorers if one cannot be opened', () => {
    const [first, last] = [constantScorer('A', [1, 2]), constantScorer('B', [1, 2])];
    const failing = mix([first, brokenScorer(2, 'open'), last], { weights: [1, 1, 1] });
    expect(() => failing.open(1)).toThrow(new Error('no open'));
    expect([first.closed, last.closed]).toEqual([1, 0]);
  });

  it.each(MIXED_BY)('keeps a NaN, by %s', (by) => {
    const mixed = mix([a, constantScorer('bad', [1, Number.NaN, 2])], { weights: [1, 0], by });
    const sessions = { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(0, 1) };
    expect(() => evaluate(mixed, sessions, { cutoffs: [1] })).toThrow(/cannot be ranked after 0 predictions/);
  });

  it('refuses scores of another length than slots × items', () => {
    const short = { ...a, name: 'short', open: () => constantScorer('', [1, 2]).open(1) };
    expect(() => stepWith(mix([a, short], { weights: [1, 1] }).open(1), [0], [1])).toThrow(
      new RangeError('step: scores of short expected 1 × 3 numbers, got 2.'),
    );
  });

  it('passes on errors of its scorers', () => {
    const mixed = mix([pop(toData([[0, 1]], 3)), a], { weights: [1, 1] });
    expect(() => mixed.open(0)).toThrow(new RangeError('open: "slots" expected integer >= 1, got 0.'));
    expect(() => stepWith(mixed.open(1), [3], [1])).toThrow(
      new RangeError('step: "input" expected integer in [-1, 3) at slot 0, got 3.'),
    );
  });

  it.each([
    [[], { weights: [] }, '"scorers" expected one or more scorers, got none.'],
    [
      [a, constantScorer('D', [1, 2])],
      { weights: [1, 1] },
      '"scorers" expected 3 items, as A has, got 2 of D. Fit them to the same items.',
    ],
    [[a, b], { weights: [1] }, '"weights" expected 2 numbers, one per scorer, got 1.'],
    [[a, b], { weights: [1, -1] }, '"weights" expected finite number >= 0 at index 1, got -1.'],
    [[a, b], { weights: [Number.NaN, 1] }, '"weights" expected finite number >= 0 at index 0, got NaN.'],
    [[a, b], { weights: [0, 0] }, '"weights" expected a number > 0 among them, got only 0.'],
    [[a, b], { weights: [1, 1], by: 'vote' as MixBy }, '"by" expected score, rank, got "vote".'],
  ])('refuses scorers that cannot be mixed (%#)', (scorers, options, message) => {
    expect(() => mix(scorers, options)).toThrow(new RangeError(`mix: ${message}`));
  });
});
