import { evaluate } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bprMf, learnFactors } from '../src/bpr-mf.ts';
import { stepWith, toData } from './sessions.ts';

describe('bprMf', () => {
  const data = toData(
    [
      [0, 1, 2],
      [2, 1, 0, 1],
      [0, 2],
      [3, 4],
      [4, 5, 3],
      [5, 3],
    ],
    6,
  );
  const options = { factors: 4, epochs: 100 };
  const scorer = bprMf(data, options);

  /** b_i + h_i · (mean factors of the clicks). */
  function expectedRow(clicks: readonly number[]): number[] {
    const { items, biases } = learnFactors(data, options);
    const h = (item: number): number[] => [...items.subarray(item * 4, item * 4 + 4)];
    const mean = [0, 1, 2, 3].map((k) => clicks.reduce((sum, item) => sum + h(item)[k], 0) / clicks.length);
    return [...biases].map((bias, item) => h(item).reduce((sum, value, k) => sum + value * mean[k], bias));
  }

  function expectClose(scores: readonly number[], expected: readonly number[]): void {
    expect(scores).toHaveLength(expected.length);
    for (const [index, score] of scores.entries()) expect(score).toBeCloseTo(expected[index], 10);
  }

  it('scores by the bias and the product with the mean factors of the clicks', () => {
    expect([scorer.name, scorer.itemCount]).toEqual(['BPR-MF', 6]);
    const session = scorer.open(1);
    expectClose(stepWith(session, [0], [1]), expectedRow([0]));
    expectClose(stepWith(session, [3], [0]), expectedRow([0, 3]));
    expectClose(stepWith(session, [3], [0]), expectedRow([0, 3, 3]));
    expectClose(stepWith(session, [4], [1]), expectedRow([4]));
  });

  it('ranks items of the same sessions first', () => {
    const session = scorer.open(2);
    const scores = stepWith(session, [0, 3], [1, 1]);
    const [first, second] = [scores.slice(0, 6), scores.slice(6)];
    expect(Math.min(...first.slice(0, 3))).toBeGreaterThan(Math.max(...first.slice(3)));
    expect(Math.min(...second.slice(3))).toBeGreaterThan(Math.max(...second.slice(0, 3)));
  });

  it('scores slots independently, idle steps included', () => {
    const clicks = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(clicks, clicks, (own, other) => {
        const [single, together] = [scorer.open(1), scorer.open(2)];
        for (const [event, item] of own.entries()) {
          const reset = event === 0 ? 1 : 0;
          const expected = stepWith(single, [item], [reset]);
          expect(stepWith(together, [other[event] ?? -1, item], [reset, reset]).slice(6)).toEqual(expected);
          stepWith(together, [1, -1], [0, 0]);
        }
      }),
      { seed: 1 },
    );
  });

  it('is the same for the same seed, and another for another', () => {
    const row = (seed: number): number[] => stepWith(bprMf(data, { ...options, seed }).open(1), [0], [1]);
    expect(row(3)).toEqual(row(3));
    expect(row(3)).not.toEqual(row(4));
  });

  it('can be evaluated', () => {
    const { predictions, results } = evaluate(scorer, data.train, { cutoffs: [3], tieRule: 'conservative' });
    expect([predictions, results[0].recall]).toEqual([10, 1]);
  });

  it('refuses data without an event, a wrong input and 0 slots', () => {
    expect(() => bprMf(toData([], 4))).toThrow(
      new RangeError('eventShares: "support" expected training events, got a sum of 0.'),
    );
    expect(() => stepWith(scorer.open(1), [6], [1])).toThrow(
      new RangeError('step: "input" expected integer in [-1, 6) at slot 0, got 6.'),
    );
    expect(() => scorer.open(0)).toThrow(new RangeError('open: "slots" expected integer >= 1, got 0.'));
  });
});
