import { describe, expect, it } from 'vitest';
import { evaluate, evaluateParts } from '../../src/evaluate.ts';
import { mrr } from '../../src/metrics/mrr.ts';
import { metrics } from '../../src/metrics/registry.ts';
import { meanIntervals, pairedBootstrap } from '../../src/paired-bootstrap.ts';
import { historyScorer } from '../scorers.ts';
import { toSessions } from '../to-sessions.ts';

const sessions = [
  [0, 1, 2, 3],
  [3, 4],
  [2, 2, 5, 6],
  [6, 0, 1],
];
const twin = { label: 'my MRR', of: mrr.of };
const hit = {
  label: 'hit',
  of: ([rank = 0]: ArrayLike<number> & Iterable<number>, cutoff: number) => Number(rank <= cutoff),
};
const own = [twin, hit as typeof twin];
const bootstrap = { resamples: 20, seed: 1 };

describe('metrics of the caller', () => {
  it('have the means and intervals of the same metrics of the registry, in one part or several', async () => {
    const options = { cutoffs: [1, 3], metrics: own, bootstrap };
    const whole = evaluate(historyScorer(7), toSessions(sessions), options);
    for (const result of whole.results) {
      expect(result.own).toEqual({ 'my MRR': result.mrr, hit: result.recall });
      expect(result.interval?.own).toEqual({ 'my MRR': result.interval?.mrr, hit: result.interval?.recall });
    }
    expect(whole).not.toHaveProperty('ranks');
    const parts = sessions.map((session) => toSessions([session]));
    expect(await evaluateParts(historyScorer(7), parts, options)).toEqual(whole);
  });

  it('have the intervals and tests of the same metrics of the registry', () => {
    const of = (items: readonly number[][]) =>
      evaluate(historyScorer(7), toSessions(items), { cutoffs: [3], keepRanks: true });
    const a = of(sessions);
    const ranks = a.ranks as NonNullable<typeof a.ranks>;
    const b = { ...a, ranks: { ...ranks, rank: ranks.rank.map((rank, place) => rank + (place % 2)) } };
    const options = { ...bootstrap, cutoff: 3, metrics: own };
    const intervals = meanIntervals([a, b], options);
    expect(intervals.own).toEqual({ 'my MRR': intervals.mrr, hit: intervals.recall });
    const tests = pairedBootstrap(a, b, options);
    expect(tests.own).toEqual({ 'my MRR': tests.mrr, hit: tests.recall });
    expect(tests.mrr.difference).toBeGreaterThan(0);
  });

  it.each([
    [[{ label: 'big', of: () => 2 }], 'metrics: "big" expected a number from 0 to 1, got 2 for rank '],
    [
      [{ label: 'lost', of: () => Number.NaN }],
      'metrics: "lost" expected a number from 0 to 1, got NaN for rank ',
    ],
    [[metrics.mrr], '"metrics" expected array of metrics, each with a function "of" and its own "label"'],
    [[twin, twin], '"metrics" expected array of metrics'],
    [[{ label: '<b>', of: mrr.of }], '"metrics" expected array of metrics'],
    [[{ label: 'none' } as typeof twin], '"metrics" expected array of metrics'],
  ])('are refused if they are %j', (wrong, message) => {
    const run = () => evaluate(historyScorer(7), toSessions(sessions), { cutoffs: [1], metrics: wrong });
    expect(run).toThrow(message);
  });

  it('are refused where predictions have several targets', () => {
    const options = { cutoffs: [1], protocol: 'remaining', metrics: own } as const;
    const run = () => evaluate(historyScorer(7), toSessions(sessions), options);
    expect(run).toThrow(`"metrics" expected protocol 'next' or 'last', got 'remaining'`);
  });
});
