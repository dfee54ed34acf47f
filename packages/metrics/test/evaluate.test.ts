import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import type { EvaluateOptions } from '../src/options.ts';
import { TIE_RULES } from '../src/rank.ts';
import { measured } from './measured.ts';
import { constantScorer, historyScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

describe('evaluate', () => {
  // Ranks of items 0 to 4: 1, 2, 3, 4, 5.
  const scorer = constantScorer([5, 4, 3, 2, 1]);

  it('averages predictions, not sessions', () => {
    // Targets 0 (rank 1), 2 (rank 3); 4 (rank 5).
    const sessions = toSessions([[3, 0, 2], [1], [1, 4]]);
    const evaluation = evaluate(scorer, sessions, { cutoffs: [1, 3], support: [4, 3, 2, 1, 0] });
    expect(evaluation).toEqual({
      predictions: 3,
      sessions: 2,
      protocol: 'next',
      warmUp: 1,
      tieRule: 'standard',
      excludeSeen: false,
      excludedTargets: 0,
      outsideTargets: 0,
      ties: { targets: 3, tied: 0, most: 0 },
      warnings: [{ code: 'few-predictions', message: expect.stringMatching(/^3 predictions are few/) }],
      // The targets' mean popularity is (4 + 2 + 0) / 30.
      results: [
        {
          cutoff: 1,
          ...measured([1, 3, 5], 1),
          recall: 1 / 3,
          mrr: 1 / 3,
          ndcg: 1 / 3,
          coverage: 1 / 5,
          meanPopularity: 4 / 10,
          popularityBias: 4 / 10 / (6 / 30),
          novelty: expect.closeTo(-Math.log2(4 / 10), 5),
        },
        {
          cutoff: 3,
          ...measured([1, 3, 5], 3),
          recall: 2 / 3,
          mrr: (1 + 1 / 3) / 3,
          ndcg: (1 + 1 / 2) / 3,
          coverage: 3 / 5,
          meanPopularity: 9 / 30,
          popularityBias: 9 / 30 / (6 / 30),
          novelty: expect.closeTo(-Math.log2((4 * 3 * 2) / 1000) / 3, 5),
        },
      ],
    });
  });

  it.each([
    ['standard', 1],
    ['median', 1 / 2],
    ['conservative', 1 / 3],
  ] as const)('ranks ties with the rule %s', (tieRule, mrr) => {
    const options = { cutoffs: [3], tieRule };
    const evaluation = evaluate(constantScorer([1, 1, 1]), toSessions([[0, 1]]), options);
    expect(evaluation.tieRule).toBe(tieRule);
    expect(evaluation.results[0].mrr).toBe(mrr);
  });

  it('refuses a scorer of constants, unless the tie rule is stated', () => {
    const constants = constantScorer([1, 1, 1]);
    const sessions = toSessions([[0, 1, 2]]);
    expect(() => evaluate(constants, sessions, { cutoffs: [2] })).toThrow(
      new RangeError(
        `evaluate: "tieRule" expected 'standard', 'conservative', 'median', got none. 2 of 2 (100.0 %) targets have ` +
          'the score of other items with constant, one of them that of 2: the figures depend on the tie rule. ' +
          "Compare the rules 'standard' and 'conservative', and look for saturated scores.",
      ),
    );
    const { warnings, results } = evaluate(constants, sessions, { cutoffs: [2], tieRule: 'standard' });
    expect(results[0].recall).toBe(1);
    expect(warnings.map(({ code }) => code)).toEqual(['tied-scores', 'few-predictions']);
  });

  it.each(TIE_RULES)('counts the ties that a list can contain by any rule: %s', (tieRule) => {
    // Two items before target 0 with the score of item 1, and items 3 to 5 in the tail; excluded targets have no ties.
    const tied = constantScorer([2, 2, 5, 1, 1, 1]);
    const tiesOf = (clicks: readonly number[], excludeSeen = false) =>
      evaluate(tied, toSessions([clicks]), { cutoffs: [3], tieRule, excludeSeen }).ties;
    expect(tiesOf([2, 0, 3])).toEqual({ targets: 2, tied: 1, most: 2 });
    expect(tiesOf([0, 2, 0], true)).toEqual({ targets: 2, tied: 0, most: 0 });
  });

  it('warns of few sessions if it gives intervals or ranks, and of the facts given about the data', () => {
    const codes = (more: Partial<EvaluateOptions>) =>
      evaluate(scorer, toSessions([[0, 1]]), { cutoffs: [1], ...more }).warnings.map(({ code }) => code);
    expect(codes({})).toEqual(['few-predictions']);
    expect(codes({ keepRanks: true })).toEqual(['few-predictions', 'few-sessions']);
    expect(codes({ bootstrap: { resamples: 20, seed: 1 } })).toEqual(['few-predictions', 'few-sessions']);
    expect(codes({ facts: { repeatsRemoved: 3 } })).toEqual(['repeats-removed', 'few-predictions']);
  });

  it('gives no popularity without the support', () => {
    const evaluation = evaluate(scorer, toSessions([[0, 1]]), { cutoffs: [1] });
    expect(evaluation.results[0].meanPopularity).toBeNaN();
    expect(evaluation.results[0]).not.toHaveProperty('popularityBias');
    expect(evaluation.results[0]).not.toHaveProperty('novelty');
  });

  it('resets at session starts, feeds all but the last event, and closes', () => {
    const history = historyScorer(10);
    evaluate(history, toSessions([[1, 2, 3], [4, 5], [9], [6, 7]]), { cutoffs: [1], slots: 2 });
    expect(history.fed).toEqual({
      inputs: [
        [1, 4],
        [2, 6],
      ],
      resets: [
        [1, 1],
        [0, 1],
      ],
      closed: true,
    });
  });

  it('opens at most one slot per session', () => {
    const history = historyScorer(10);
    evaluate(history, toSessions([[1, 2], [3]]), { cutoffs: [1] });
    expect(history.fed.inputs).toEqual([[1]]);
  });

  it('gives the same result with any number of slots', () => {
    const someSessions = fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 6 }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(
        someSessions,
        fc.integer({ min: 2, max: 12 }),
        fc.boolean(),
        (drawn, slots, excludeSeen) => {
          const sessions = toSessions([...drawn, [0, 1]]);
          const options = {
            cutoffs: [1, 3],
            tieRule: 'standard' as const,
            support: [1, 2, 3, 4, 5, 6, 7],
            bootstrap: { resamples: 5, seed: 1 },
            excludeSeen,
          };
          const one = evaluate(historyScorer(7), sessions, { ...options, slots: 1 });
          expect(evaluate(historyScorer(7), sessions, { ...options, slots })).toEqual(one);
        },
      ),
      { seed: 1 },
    );
  });

  it('agrees with naive complete rankings', () => {
    const someSessions = fc.array(fc.array(fc.nat({ max: 6 }), { minLength: 2, maxLength: 6 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(
        someSessions,
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (drawn, cutoff, excludeSeen) => {
          const row = [3, 1, 4, 1.5, 9, 2, 6];
          const order = [...row.keys()].sort((a, b) => row[b] - row[a]);
          let hits = 0;
          let reciprocal = 0;
          for (const session of drawn) {
            for (let event = 1; event < session.length; event++) {
              const seen = excludeSeen ? session.slice(0, event) : [];
              const list = order.filter((item) => !seen.includes(item)).slice(0, cutoff);
              const place = list.indexOf(session[event]);
              if (place < 0) continue;
              hits++;
              reciprocal += 1 / (place + 1);
            }
          }
          const { predictions, results } = evaluate(constantScorer(row), toSessions(drawn), {
            cutoffs: [cutoff],
            excludeSeen,
            slots: 3,
          });
          expect(results[0].recall).toBeCloseTo(hits / predictions, 12);
          expect(results[0].mrr).toBeCloseTo(reciprocal / predictions, 12);
        },
      ),
      { seed: 1 },
    );
  });

  it('leaves seen items out of ranks and lists', () => {
    // Before target 2, items 0 and 1 have been seen, so that its rank is 1.
    const sessions = toSessions([[0, 1, 2]]);
    const { results } = evaluate(scorer, sessions, {
      cutoffs: [1],
      excludeSeen: true,
      support: [4, 3, 2, 1, 0],
    });
    expect(results[0]).toEqual({
      cutoff: 1,
      ...measured([1], 1),
      recall: 1,
      mrr: 1,
      ndcg: 1,
      coverage: 2 / 5,
      meanPopularity: (3 + 2) / 20,
      popularityBias: (3 + 2) / 20 / ((3 + 2) / 20),
      novelty: expect.closeTo(-Math.log2((3 * 2) / 100) / 2, 5),
    });
  });

  it('counts a seen target as missed', () => {
    const evaluation = evaluate(scorer, toSessions([[0, 0, 1, 0]]), { cutoffs: [5], excludeSeen: true });
    expect(evaluation).toMatchObject({ predictions: 3, excludedTargets: 2, excludeSeen: true });
    expect(evaluation.results[0].recall).toBe(1 / 3);
  });

  it('forgets seen items when a session starts', () => {
    const sessions = toSessions([
      [0, 1],
      [2, 0],
    ]);
    const options = { cutoffs: [5], excludeSeen: true, slots: 1 };
    expect(evaluate(scorer, sessions, options).results[0].recall).toBe(1);
  });

  it('resamples sessions for intervals', () => {
    const sessions = toSessions(Array.from({ length: 40 }, (_, index) => [4, index % 2, index % 3]));
    const bootstrap = { resamples: 100, seed: 1 };
    const [{ recall, mrr, interval }] = evaluate(scorer, sessions, { cutoffs: [1], bootstrap }).results;
    expect(interval?.recall[0]).toBeLessThan(recall);
    expect(interval?.recall[1]).toBeGreaterThan(recall);
    expect(interval?.mrr[0]).toBeLessThan(mrr);
    expect(interval?.mrr[1]).toBeGreaterThan(mrr);
  });

  it('reports its progress', () => {
    const seen: number[] = [];
    evaluate(scorer, toSessions([[0, 1, 2, 3]]), {
      cutoffs: [1],
      onProgress: ({ predictions, total }) => seen.push(predictions / total),
    });
    expect(seen).toEqual([1 / 3, 2 / 3, 1]);
  });
});
