import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import type { EvaluateOptions } from '../src/options.ts';
import type { Scorer } from '../src/scorer.ts';
import { constantScorer, historyScorer, rankingScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

const ITEMS = 9;
const support = Int32Array.from({ length: ITEMS }, (_, item) => item + 1);

const scorers: Readonly<Record<string, () => Scorer>> = {
  'a scorer': () => historyScorer(ITEMS),
  'a scorer that ranks': () => rankingScorer(historyScorer(ITEMS)),
};

const variants: Readonly<Record<string, Partial<EvaluateOptions>>> = {
  'every next item': { keepRanks: true },
  'unseen items': { excludeSeen: true, keepRanks: true },
  candidates: { candidates: Int32Array.of(1, 3, 4, 8), keepRanks: true },
  'the remaining items': { protocol: 'remaining' },
};

const sessions = fc
  .array(fc.array(fc.nat(ITEMS - 1), { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 6 })
  // Each variant predicts something.
  .map((list) => toSessions([[0, 1, 3], ...list]));

describe.each(Object.entries(scorers))('evaluate without lists, %s', (_, open) => {
  it.each(Object.entries(variants))('has the figures and ranks of %s with lists', (_, variant) => {
    fc.assert(
      fc.property(sessions, (given) => {
        const options = { cutoffs: [1, 4], tieRule: 'standard', support, ...variant } as const;
        const { results, ...rest } = evaluate(open(), given, options);
        const without = evaluate(open(), given, { ...options, lists: false });
        const expected = results.map(({ popularityBias: _bias, novelty: _novelty, ...result }) => {
          return { ...result, coverage: Number.NaN, meanPopularity: Number.NaN };
        });
        expect(without).toEqual({ ...rest, results: expected });
      }),
      { numRuns: 30 },
    );
  });
});

it('asks a scorer that ranks for lists of no items', () => {
  const { open, ...scorer } = rankingScorer(constantScorer([3, 2, 1]));
  const lengths: number[] = [];
  const asked: Scorer = {
    ...scorer,
    open(slots) {
      const { rank, ...session } = open(slots);
      const asking: typeof rank = (input, resetMask, target, k) => {
        lengths.push(k);
        if (!rank) throw new Error('no ranking');
        return rank(input, resetMask, target, k);
      };
      return { ...session, rank: asking };
    },
  };
  evaluate(asked, toSessions([[0, 1, 2]]), { cutoffs: [2], lists: false });
  evaluate(asked, toSessions([[0, 1, 2]]), { cutoffs: [2] });
  expect(lengths).toEqual([0, 0, 2, 2]);
});
