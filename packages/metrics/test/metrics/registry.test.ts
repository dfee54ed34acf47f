import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanIntervals, pairedBootstrap } from '../../src/bootstrap.ts';
import { evaluate, evaluateAsync } from '../../src/evaluate.ts';
import { metrics, mrr, ndcg, recall } from '../../src/metrics/registry.ts';
import { historyScorer } from '../scorers.ts';
import { toSessions } from '../to-sessions.ts';

describe('recall', () => {
  it('counts items among the first k', () => {
    expect([1, 20, 21, 20.5, Number.POSITIVE_INFINITY].map((rank) => recall.of([rank], 20))).toEqual([
      1, 1, 0, 0, 0,
    ]);
  });

  it('is the share of several items among the first k', () => {
    expect(recall.of([2, 7, Number.POSITIVE_INFINITY, 1], 5)).toBe(2 / 4);
  });
});

describe('mrr', () => {
  it('is 1 / rank up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 2.5, 5, 6, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => mrr.of([rank], 5))).toEqual([1, 1 / 2, 1 / 2.5, 1 / 5, 0, 0]);
  });

  it('uses the best of several items', () => {
    expect(mrr.of([7, 3, Number.POSITIVE_INFINITY, 4], 5)).toBe(1 / 3);
    expect(mrr.of([7, 6], 5)).toBe(0);
  });
});

describe('ndcg', () => {
  it('is 1 / log2(rank + 1) up to the cutoff and 0 beyond', () => {
    const ranks = [1, 2, 3, 7, 8, Number.POSITIVE_INFINITY];
    expect(ranks.map((rank) => ndcg.of([rank], 7))).toEqual([1, 1 / Math.log2(3), 1 / 2, 1 / 3, 0, 0]);
  });

  it('divides the gains of several items by those of the ideal list', () => {
    expect(ndcg.of([3, 1], 20)).toBe((1 / 2 + 1) / (1 + 1 / Math.log2(3)));
    expect(ndcg.of([2, 1, 3], 20)).toBeCloseTo(1, 15);
  });

  it('counts at most as many items as the list is long', () => {
    expect(ndcg.of([1, 5, 9], 1)).toBe(1);
  });
});

describe.each(Object.entries(metrics))('%s', (_name, { of }) => {
  it('is in [0, 1]', () => {
    const rank = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(Number.POSITIVE_INFINITY));
    const ranks = fc.uniqueArray(rank, { minLength: 1 });
    fc.assert(
      fc.property(ranks, fc.integer({ min: 1, max: 30 }), (ranks, cutoff) => {
        expect(of(ranks, cutoff)).toBeGreaterThanOrEqual(0);
        expect(of(ranks, cutoff)).toBeLessThanOrEqual(1 + 1e-12);
      }),
      { seed: 1 },
    );
  });
});

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
    const whole = evaluate(historyScorer(7), toSessions(...sessions), options);
    for (const result of whole.results) {
      expect(result.own).toEqual({ 'my MRR': result.mrr, hit: result.recall });
      expect(result.interval?.own).toEqual({ 'my MRR': result.interval?.mrr, hit: result.interval?.recall });
    }
    expect(whole).not.toHaveProperty('ranks');
    const parts = sessions.map((session) => toSessions(session));
    expect(await evaluateAsync(historyScorer(7), parts, options)).toEqual(whole);
  });

  it('have the intervals and tests of the same metrics of the registry', () => {
    const of = (items: readonly number[][]) =>
      evaluate(historyScorer(7), toSessions(...items), { cutoffs: [3], keepRanks: true });
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
    [[metrics.mrr], '"metrics" expected array of metrics, each with a function "of" and its own "label"'],
    [[twin, twin], '"metrics" expected array of metrics'],
    [[{ label: '<b>', of: mrr.of }], '"metrics" expected array of metrics'],
  ])('are refused if they are %j', (wrong, message) => {
    const run = () => evaluate(historyScorer(7), toSessions(...sessions), { cutoffs: [1], metrics: wrong });
    expect(run).toThrow(message);
  });

  it('are refused where predictions have several targets', () => {
    const options = { cutoffs: [1], protocol: 'remaining', metrics: own } as const;
    const run = () => evaluate(historyScorer(7), toSessions(...sessions), options);
    expect(run).toThrow(`"metrics" expected protocol 'next' or 'last', got 'remaining'`);
  });
});
