import { evaluate, type Scorer, TIE_RULES } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline } from '../src/create-baseline.ts';
import { mix } from '../src/mix.ts';
import { type TuneMixOptions, tuneMix } from '../src/tune-mix.ts';
import { brokenScorer, constantScorer } from './constant-scorer.ts';
import { someSessions, toData } from './sessions.ts';

describe('tuneMix', () => {
  // Scores scaled to 0 to 1: A gives items 0, 1, 2 the scores 1, 0.5, 0 and B 0, 0.5, 1; item 3 is last.
  const a = constantScorer('A', [4, 3, 2, 2]);
  const b = constantScorer('B', [0, 1, 2, 0]);
  // The targets are 0, 0, 2; 0.
  const sessions = { sessionOffsets: Int32Array.of(0, 4, 5, 7), items: Int32Array.of(1, 0, 0, 2, 3, 3, 0) };

  it('finds the weight of the first scorer that predicts best', async () => {
    const tuned = await tuneMix([a, b], sessions, { grid: [0, 0.25, 0.75], tieRule: 'conservative' });
    // Weight 0 ranks 2, 1, then 0 and 3 tied; 0.25 ranks 2, 1, 0; 0.75 ranks 0, 1, 2.
    expect(tuned).toEqual({
      weight: 0.75,
      predictions: 4,
      points: [
        { weight: 0, recall: 1, mrr: (3 * (1 / 4) + 1) / 4 },
        { weight: 0.25, recall: 1, mrr: (3 * (1 / 3) + 1) / 4 },
        { weight: 0.75, recall: 1, mrr: (3 + 1 / 3) / 4 },
      ],
    });
  });

  it('tries 0, 0.1, … 1 by default', async () => {
    const { points } = await tuneMix([a, b], sessions);
    expect(points.map(({ weight }) => weight)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  });

  it('takes the first of equally good weights', async () => {
    expect((await tuneMix([a, a], sessions, { grid: [0.5, 0.2, 1] })).weight).toBe(0.5);
  });

  it('gives the same figures as evaluate for the mix', async () => {
    const options = fc.record({
      tieRule: fc.constantFrom(...TIE_RULES),
      cutoff: fc.integer({ min: 1, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(someSessions, someSessions, options, async (train, test, { tieRule, cutoff }) => {
        const data = toData(8, ...train);
        const held = toData(8, ...test, [0, 1]).train;
        const scorers: [Scorer, Scorer] = [createBaseline('item-knn', data), createBaseline('s-pop', data)];
        const { points, predictions } = await tuneMix(scorers, held, { tieRule, cutoff });
        for (const { weight, recall, mrr } of points) {
          const mixed = mix(scorers, { weights: [weight, 1 - weight] });
          const evaluation = evaluate(mixed, held, { cutoffs: [cutoff], tieRule });
          expect(predictions).toBe(evaluation.predictions);
          expect(recall).toBe(evaluation.results[0].recall);
          expect(mrr).toBeCloseTo(evaluation.results[0].mrr, 12);
        }
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('closes both scorers, also when one fails or a signal ends it', async () => {
    const [first, second] = [constantScorer('A', [1, 2, 3, 4]), constantScorer('B', [1, 2, 3, 4])];
    await tuneMix([first, second], sessions);
    expect([first.closed, second.closed]).toEqual([1, 1]);
    await expect(tuneMix([first, brokenScorer(4, 'step')], sessions)).rejects.toThrow(new Error('no step'));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(tuneMix([first, second], sessions, { signal })).rejects.toThrow('enough');
    expect([first.closed, second.closed]).toEqual([3, 2]);
  });

  it('refuses a NaN', async () => {
    await expect(tuneMix([a, constantScorer('bad', [1, Number.NaN, 2, 3])], sessions)).rejects.toThrow(
      /^rankOf: "scores" expected numbers, got NaN at item index \d\.$/,
    );
  });

  it.each<[string, Scorer, number, TuneMixOptions]>([
    ['"cutoff" expected integer >= 1, got 0.', b, 3, { cutoff: 0 }],
    ['"grid" expected one or more numbers in [0, 1], got [0,1.1].', b, 3, { grid: [0, 1.1] }],
    [
      '"scorers" expected 4 items, as A has, got 1 of D. Fit them to the same items.',
      constantScorer('D', [1]),
      3,
      {},
    ],
    ['"items" expected integer in [0, 4) at index 1, got 4. Remove the events of unknown items.', b, 4, {}],
  ])('refuses with %s', async (message, second, item, options) => {
    const two = { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(0, item) };
    await expect(tuneMix([a, second], two, options)).rejects.toThrow(new RangeError(`tuneMix: ${message}`));
  });
});
