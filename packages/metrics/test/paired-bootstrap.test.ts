import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { studentisedMeans } from '../src/bootstrap.ts';
import { evaluate } from '../src/evaluate.ts';
import { mapMetrics } from '../src/metrics/registry.ts';
import { meanIntervals, pairedBootstrap } from '../src/paired-bootstrap.ts';
import type { Evaluation } from '../src/tally.ts';
import { constantScorer, historyScorer } from './scorers.ts';
import { falsePositives } from './simulations.ts';
import { toSessions } from './to-sessions.ts';

const options = { cutoff: 1, resamples: 400, seed: 1 };

/** An evaluation of sessions of one prediction each, with these ranks. */
function ofRanks(ranks: ArrayLike<number>): Evaluation {
  const sessions = toSessions(...Array.from(ranks, () => [0, 1]));
  const evaluation = evaluate(constantScorer([1, 2]), sessions, { cutoffs: [1], keepRanks: true });
  return { ...evaluation, ranks: { ...evaluation.ranks!, rank: Float64Array.from(ranks) } };
}

/** Draws rank 1 with this probability, else 2. */
function drawRanks(sessions: number, probability: number, name: string): Float64Array {
  const stream = new RandomStream(7, name);
  return Float64Array.from({ length: sessions }, () => (stream.nextFloat() < probability ? 1 : 2));
}

describe('pairedBootstrap', () => {
  // Four sessions of 2, 1, 1 and 2 predictions; a ranks targets 1 first, b targets 2.
  const sessions = toSessions([0, 1, 2], [0, 1], [0, 2], [2, 1, 1]);
  const a = evaluate(constantScorer([1, 3, 2]), sessions, { cutoffs: [1, 2], keepRanks: true });
  const b = evaluate(constantScorer([1, 2, 3]), sessions, { cutoffs: [1, 2], keepRanks: true });

  it('averages differences over predictions', () => {
    const { cutoff, recall, mrr } = pairedBootstrap(a, b, options);
    expect(cutoff).toBe(1);
    expect(recall.difference).toBe(4 / 6 - 2 / 6);
    expect(mrr.difference).toBe(4 / 6 - 2 / 6);
    expect(pairedBootstrap(a, b, { ...options, cutoff: 2 }).recall.difference).toBe(0);
    expect(pairedBootstrap(a, b, { ...options, cutoff: 2 }).mrr.difference).toBeCloseTo(
      (4 + 2 / 2 - (2 + 4 / 2)) / 6,
      15,
    );
  });

  it('tests the differences of recall, reciprocal ranks and nDCG', () => {
    // Per session: the number of predictions and the lead of a over b. 1 / log₂ 3 is the nDCG of rank 2.
    const counts = Float64Array.of(2, 1, 1, 2);
    const sums = [0, 1 / 2, 1 - 1 / Math.log2(3)].map((lost) => Float64Array.of(0, lost, -lost, 2 * lost));
    const expected = studentisedMeans(sums, counts, options).map(({ mean, interval, p }) => ({
      difference: expect.closeTo(mean, 12),
      interval: interval.map((bound) => expect.closeTo(bound, 9)),
      // Three sessions differ, or none.
      p: Math.max(p, mean === 0 ? 1 : 2 ** (1 - 3)),
    }));
    const { recall, mrr, ndcg } = pairedBootstrap(a, b, { ...options, cutoff: 2 });
    expect([recall, mrr, ndcg]).toEqual(expected);
  });

  it.each([
    [1, 1],
    [2, 1 / 2],
    [5, 1 / 16],
    [50, 1 / (options.resamples + 1)],
  ])('gives %d sessions with equal differences no lower p than a sign test', (sessions, p) => {
    const [better, worse] = [1, 2].map((rank) => ofRanks(new Array(sessions).fill(rank)));
    expect(pairedBootstrap(better, worse, options).recall).toEqual({ difference: 1, interval: [1, 1], p });
  });

  it('finds no difference between an evaluation and itself', () => {
    const none = { difference: 0, interval: [0, 0], p: 1 };
    expect(pairedBootstrap(a, a, options)).toEqual({ cutoff: 1, ...mapMetrics(() => none) });
  });

  it('flips signs if the two are swapped', () => {
    const [there, back] = [pairedBootstrap(a, b, options), pairedBootstrap(b, a, options)];
    expect(back.recall.difference).toBe(-there.recall.difference);
    expect(back.recall.p).toBe(there.recall.p);
    expect(back.recall.interval[0]).toBeCloseTo(-there.recall.interval[1], 12);
  });

  it('gives the p-value of the normal approximation', () => {
    const sessionCount = 3_000;
    const ranksA = drawRanks(sessionCount, 0.33, 'test.a');
    const ranksB = drawRanks(sessionCount, 0.3, 'test.b');
    const { recall } = pairedBootstrap(ofRanks(ranksA), ofRanks(ranksB), { ...options, resamples: 4_000 });
    const differences = ranksA.map((rank, session) => ranksB[session] - rank);
    const mean = differences.reduce((sum, value) => sum + value, 0) / sessionCount;
    const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sessionCount;
    const z = Math.abs(mean) / Math.sqrt(variance / sessionCount);
    expect(recall.difference).toBeCloseTo(mean, 12);
    expect(recall.p).toBeGreaterThan(twoSided(z) - 0.02);
    expect(recall.p).toBeLessThan(twoSided(z) + 0.02);
  });

  it('gives p < 0.05 for at most one in twenty pairs without a difference, in ten sessions', () => {
    // 1,000 pairs: 2.9 to 7.1 % is within three standard errors of 5. Without studentising, it was 9 % for MRR.
    const found = falsePositives({ pairs: 1_000, sessions: 10, resamples: 199 });
    for (const metric of ['recall', 'mrr', 'ndcg'] as const) {
      expect(found[metric], metric).toBeGreaterThan(0.02);
      expect(found[metric], metric).toBeLessThan(0.071);
    }
  });

  it('draws only by the seed, the same sessions for every pair', () => {
    expect(pairedBootstrap(a, b, options)).toEqual(pairedBootstrap(a, b, options));
    const seeds = [1, 2].map((seed) => {
      const one = ofRanks(drawRanks(99, 0.5, 'test.a'));
      const other = ofRanks(drawRanks(99, 0.5, 'test.b'));
      return pairedBootstrap(one, other, { ...options, seed }).recall.interval;
    });
    expect(seeds[0]).not.toEqual(seeds[1]);
  });

  it('averages the runs of a scorer', () => {
    // a hits 4 of 6, b 2, so their mean is 3: the difference to b is half of a's.
    const { recall } = pairedBootstrap([a, b], b, options);
    expect(recall.difference).toBeCloseTo((3 - 2) / 6, 15);
    const [one, other] = ['a', 'b'].map((name) => ofRanks(drawRanks(99, 0.5, `test.${name}`)));
    const [half, whole] = [[one, other], one].map((runs) => pairedBootstrap(runs, other, options).recall);
    expect(half.interval[1]).toBeCloseTo(whole.interval[1] / 2, 12);
    expect(pairedBootstrap([a], [b], options)).toEqual(pairedBootstrap(a, b, options));
    expect(pairedBootstrap(a, [b, b], options).recall.p).toBe(pairedBootstrap(a, b, options).recall.p);
  });

  it('uses the level for the interval', () => {
    const pair = [ofRanks(drawRanks(99, 0.5, 'test.a')), ofRanks(drawRanks(99, 0.5, 'test.b'))] as const;
    const width = (level: number) => {
      const [lower, upper] = pairedBootstrap(...pair, { ...options, level }).recall.interval;
      return upper - lower;
    };
    expect(width(0.5)).toBeLessThan(width(0.95));
  });

  const { ranks: _, ...bare } = a;
  const bareMessage = 'expected an evaluation with ranks, got one without. Evaluate with keepRanks.';
  const [shorter, changed] = [
    [[0, 1]],
    [
      [0, 1, 2],
      [0, 1],
      [0, 2],
      [2, 1, 0],
    ],
  ].map((others) =>
    evaluate(historyScorer(3), toSessions(...others), { cutoffs: [1], tieRule: 'standard', keepRanks: true }),
  );
  const remedy = 'Evaluate all on the same sessions, with the same protocol, warmUp and candidates.';
  const target = 'got target 0 instead of 1 at prediction 5.';

  it.each<
    [string, Parameters<typeof pairedBootstrap>[0], Parameters<typeof pairedBootstrap>[1], string, object?]
  >([
    ['an evaluation a without ranks', bare, b, `"a" ${bareMessage}`],
    ['an evaluation b without ranks', a, bare, `"b" ${bareMessage}`],
    ['fewer predictions', a, shorter, `"b" expected the 6 predictions of a, got 1. ${remedy}`],
    ['another target', a, changed, `"b" expected the predictions of a, ${target} ${remedy}`],
    [
      'a run with other predictions',
      [a, shorter],
      b,
      `"a" expected the 6 predictions of a, got 1. ${remedy}`,
    ],
    ['no runs', a, [], '"b" expected one evaluation at least, got none.'],
    [
      'another tie rule',
      a,
      { ...b, tieRule: 'median' },
      `"b" expected the tie rule 'standard' of a, got 'median'. Evaluate all by one rule.`,
    ],
    ['the cutoff 0', a, b, '"cutoff" expected integer >= 1, got 0.', { cutoff: 0 }],
  ])('refuses %s', (_what, first, second, message, wrong) => {
    expect(() => pairedBootstrap(first, second, { ...options, ...wrong })).toThrow(
      `pairedBootstrap: ${message}`,
    );
  });
});

/** P(|Z| ≥ z) for the standard normal distribution, by Simpson's rule from z to z + 8. */
function twoSided(z: number): number {
  const steps = 2_000;
  const width = 8 / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const weight = step === 0 || step === steps ? 1 : 2 + 2 * (step % 2);
    sum += weight * Math.exp(-((z + step * width) ** 2) / 2);
  }
  return (2 * sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

describe('meanIntervals', () => {
  const sessions = toSessions(...Array.from({ length: 40 }, (_, index) => [4, index % 2, index % 3]));
  const bootstrap = { resamples: 100, seed: 1 };
  const options = { ...bootstrap, cutoff: 2 };
  const evaluation = evaluate(historyScorer(5), sessions, { cutoffs: [2], bootstrap, keepRanks: true });

  it('gives the intervals of one evaluation from its ranks', () => {
    expect(meanIntervals(evaluation, options)).toEqual(evaluation.results[0].interval);
    expect(meanIntervals([evaluation], options)).toEqual(evaluation.results[0].interval);
  });

  it('averages runs per prediction', () => {
    // One run hits every target and one none, so their mean is 1 / 2 in every session.
    const pair = toSessions(...Array.from({ length: 9 }, () => [0, 1]));
    const runs = [constantScorer([1, 2]), constantScorer([2, 1])].map((scorer) =>
      evaluate(scorer, pair, { cutoffs: [1], keepRanks: true }),
    );
    const { recall: one, ...others } = meanIntervals(runs, { ...options, cutoff: 1 });
    expect([one, others.mrr, others.ndcg]).toEqual([1, 1, 1].map(() => [1 / 2, 1 / 2]));
    const [mrr, ndcg] = [(1 + 1 / 2) / 2, (1 + 1 / Math.log2(3)) / 2];
    const found = meanIntervals(runs, options);
    expect([found.recall, found.mrr, found.ndcg]).toEqual([1, mrr, ndcg].map((mean) => [mean, mean]));
  });
});
