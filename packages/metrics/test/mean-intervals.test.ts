import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import { meanIntervals } from '../src/paired-bootstrap.ts';
import { constantScorer, historyScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

describe('meanIntervals', () => {
  const sessions = toSessions(Array.from({ length: 40 }, (_, index) => [4, index % 2, index % 3]));
  const bootstrap = { resamples: 100, seed: 1 };
  const options = { ...bootstrap, cutoff: 2 };
  const evaluation = evaluate(historyScorer(5), sessions, { cutoffs: [2], bootstrap, keepRanks: true });

  it('gives the intervals of one evaluation from its ranks', () => {
    expect(meanIntervals(evaluation, options)).toEqual(evaluation.results[0].interval);
    expect(meanIntervals([evaluation], options)).toEqual(evaluation.results[0].interval);
  });

  it('averages runs per prediction', () => {
    // One run hits every target and one none, so their mean is 1 / 2 in every session.
    const pair = toSessions(Array.from({ length: 9 }, () => [0, 1]));
    const runs = [constantScorer([1, 2]), constantScorer([2, 1])].map((scorer) =>
      evaluate(scorer, pair, { cutoffs: [1], keepRanks: true }),
    );
    const { recall: one, ...others } = meanIntervals(runs, { ...options, cutoff: 1 });
    expect([one, others.mrr, others.ndcg]).toEqual([1, 1, 1].map(() => [1 / 2, 1 / 2]));
    const [mrr, ndcg] = [(1 + 1 / 2) / 2, (1 + 1 / Math.log2(3)) / 2];
    const found = meanIntervals(runs, options);
    expect([found.recall, found.mrr, found.ndcg]).toEqual([1, mrr, ndcg].map((mean) => [mean, mean]));
  });

  it('refuses runs without ranks', () => {
    const { ranks: _, ...bare } = evaluation;
    expect(() => meanIntervals([evaluation, bare], options)).toThrow(
      new TypeError(
        'meanIntervals: "runs" expected an evaluation with ranks, got one without. Evaluate with keepRanks.',
      ),
    );
  });

  it('refuses runs with different tie rules, and no runs', () => {
    expect(() => meanIntervals([evaluation, { ...evaluation, tieRule: 'median' }], options)).toThrow(
      new RangeError(
        `meanIntervals: "runs" expected the tie rule 'standard' of runs, got 'median'. Evaluate all by one rule.`,
      ),
    );
    expect(() => meanIntervals([], options)).toThrow(
      new RangeError('meanIntervals: "runs" expected one evaluation at least, got none.'),
    );
  });
});
