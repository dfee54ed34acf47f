import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import type { EvaluateOptions } from '../src/options.ts';
import { TIE_RULES } from '../src/rank.ts';
import { constantScorer, historyScorer, rankingScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

describe('evaluate', () => {
  it('gives the same result, bit for bit, with a scorer that ranks', () => {
    const someSessions = fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 6 }), { maxLength: 9 });
    const cutoffs = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        someSessions,
        cutoffs,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(...TIE_RULES),
        (drawn, cutoffs, slots, tieRule) => {
          const sessions = toSessions([...drawn, [0, 1]]);
          const options = { cutoffs, slots, tieRule, support: [1, 2, 3, 4, 5, 6, 7] };
          const ranking = rankingScorer(historyScorer(7));
          expect(evaluate(ranking, sessions, options)).toEqual(evaluate(historyScorer(7), sessions, options));
          expect(ranking.ranked.calls).toBeGreaterThan(0);
        },
      ),
      { seed: 1 },
    );
  });

  it('uses scores if seen items are excluded', () => {
    const ranking = rankingScorer(historyScorer(7));
    const options = { cutoffs: [2], tieRule: 'standard', excludeSeen: true } as const;
    const sessions = toSessions([[1, 2, 1, 4]]);
    expect(evaluate(ranking, sessions, options)).toEqual(evaluate(historyScorer(7), sessions, options));
    expect(ranking.ranked.calls).toBe(0);
  });

  it.each<[string, Partial<EvaluateOptions>]>([
    ['seen items are excluded', { excludeSeen: true }],
    ['candidates are given', { candidates: Int32Array.of(1, 2, 4) }],
    ['several items remain', { protocol: 'remaining' }],
  ])('uses scores if %s', (_, options) => {
    const ranking = rankingScorer(historyScorer(7));
    const sessions = toSessions([[1, 2, 1, 4]]);
    const all = { cutoffs: [2], tieRule: 'standard', ...options } as const;
    expect(evaluate(ranking, sessions, all)).toEqual(evaluate(historyScorer(7), sessions, all));
    expect(ranking.ranked.calls).toBe(0);
  });

  it('reports a NaN in ranks like one in scores', () => {
    const broken = constantScorer([1, Number.NaN, Number.NaN]);
    const messageOf = (scorer: typeof broken): unknown => {
      try {
        return evaluate(scorer, toSessions([[0, 2]]), { cutoffs: [1] });
      } catch (error) {
        return error;
      }
    };
    expect(messageOf(rankingScorer(broken))).toEqual(messageOf(broken));
    expect(messageOf(broken)).toBeInstanceOf(RangeError);
  });

  it('refuses ranks of another shape', () => {
    const short = {
      ...constantScorer([5, 4, 3, 2, 1]),
      open: () => ({
        step: () => new Float32Array(5),
        rank: () => ({ better: new Float32Array(1), equal: new Float32Array(1), top: new Int32Array(2) }),
        close() {},
      }),
    };
    expect(() => evaluate(short, toSessions([[0, 1]]), { cutoffs: [3] })).toThrow(
      new RangeError('evaluate: ranks of constant expected 1, 1 and 3 numbers, got 1, 1 and 2.'),
    );
  });
});
