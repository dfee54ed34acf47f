import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootstrapIntervals,
  meanIntervals,
  pairedBootstrap,
  SessionDraws,
  studentisedMeans,
} from '../src/bootstrap.ts';
import { evaluate } from '../src/evaluate.ts';
import type { Evaluation } from '../src/tally.ts';
import { constantScorer, historyScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

describe('SessionDraws', () => {
  it.each([1, 2, 7, 1000, 4097])('draws %i sessions like nextBelow', (sessions) => {
    const draws = new SessionDraws(3, sessions);
    const stream = new RandomStream(3, 'metrics.bootstrap');
    for (let draw = 0; draw < 5; draw++) {
      const expected = Array.from({ length: sessions }, () => stream.nextBelow(sessions));
      expect([...draws.next()]).toEqual(expected);
    }
  });
});

describe('bootstrapIntervals', () => {
  const options = { resamples: 200, seed: 1 };

  it('weights sessions by their number of predictions', () => {
    // Two sessions, one hit and nine misses: the mean of a resample is 1, 1 / 10 or 0.
    const [interval] = bootstrapIntervals([Float64Array.of(1, 0)], Float64Array.of(1, 9), options);
    expect(interval).toEqual([0, 1]);
    const [narrow] = bootstrapIntervals([Float64Array.of(1, 0)], Float64Array.of(1, 9), {
      ...options,
      level: 0.02,
    });
    expect(narrow).toEqual([1 / 10, 1 / 10]);
  });

  it('has no bounds if a twentieth of the resamples has no variance, or there are too few', () => {
    const [sums, counts] = [Float64Array.of(1, 0, 0, 0, 0), new Float64Array(5).fill(1)];
    expect(bootstrapIntervals([sums], counts, options)).toEqual([[0, 1]]);
    const many = Float64Array.from({ length: 100 }, (_, at) => at % 2);
    const few = bootstrapIntervals([many], new Float64Array(100).fill(1), { ...options, resamples: 18 });
    expect(few).toEqual([[0, 1]]);
  });

  it('draws only by the seed, the same sessions for every metric', () => {
    const values = Float64Array.of(1, 0, 1, 0, 0, 1, 0);
    const counts = new Float64Array(7).fill(1);
    const intervals = bootstrapIntervals([values, values], counts, options);
    expect(intervals[0]).toEqual(intervals[1]);
    expect(bootstrapIntervals([values, values], counts, options)).toEqual(intervals);
  });
});

/** The definition, session by session, with the draws of `SessionDraws`. */
function naive(sums: readonly number[], counts: readonly number[], resamples: number, seed: number) {
  const stream = new RandomStream(seed, 'metrics.bootstrap');
  const estimate = (drawn: readonly number[]) => {
    const of = (values: readonly number[]) => drawn.reduce((sum, session) => sum + values[session], 0);
    const mean = of(sums) / of(counts);
    const squares = drawn.map((session) => (sums[session] - mean * counts[session]) ** 2);
    return { mean, error: Math.sqrt(squares.reduce((sum, value) => sum + value, 0)) / of(counts) };
  };
  const { mean, error } = estimate([...sums.keys()]);
  const distances = Array.from({ length: resamples }, () => {
    const drawn = estimate(sums.map(() => stream.nextBelow(sums.length)));
    const distance = Math.abs(drawn.mean - mean);
    return distance < 1e-9 ? 0 : distance / (drawn.error < 1e-9 ? 0 : drawn.error);
  }).sort((a, b) => a - b);
  const own = Math.abs(mean) < 1e-9 ? 0 : Math.abs(mean) / (error < 1e-9 ? 0 : error);
  const asFar = distances.filter((distance) => distance >= own * (1 - 1e-9)).length;
  const reach = error < 1e-9 ? 0 : error * distances[Math.ceil(0.95 * (resamples + 1)) - 1];
  return { mean, reach, p: (1 + asFar) / (resamples + 1) };
}

describe('studentisedMeans', () => {
  const options = { resamples: 199, seed: 1 };

  it('agrees with the definition', () => {
    const sessions = fc.array(
      fc.integer({ min: 1, max: 4 }).chain((count) => fc.tuple(fc.nat({ max: 8 }), fc.constant(count))),
      { minLength: 2, maxLength: 40 },
    );
    fc.assert(
      fc.property(sessions, (drawn) => {
        const counts = drawn.map(([, count]) => count);
        const sums = drawn.map(([eighths, count]) => ((eighths - 4) / 4) * count);
        const given = [[Float64Array.from(sums)], Float64Array.from(counts)] as const;
        const [{ mean, interval, p }] = studentisedMeans(...given, options);
        const expected = naive(sums, counts, options.resamples, options.seed);
        expect(mean).toBeCloseTo(expected.mean, 12);
        expect(p).toBe(expected.p);
        expect(interval[0]).toBeCloseTo(Math.max(-1, expected.mean - expected.reach), 6);
        expect(interval[1]).toBeCloseTo(Math.min(1, expected.mean + expected.reach), 6);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('has 0 in the interval exactly if p is above 0.05', () => {
    const stream = new RandomStream(3, 'test.studentised');
    const counts = new Float64Array(25).fill(1);
    const sides = Array.from({ length: 200 }, () => {
      const sums = counts.map(() => stream.nextFloat() - 0.35);
      const [{ interval, p }] = studentisedMeans([sums], counts, options);
      expect(interval[0] <= 0 && interval[1] >= 0).toBe(p > 0.05);
      return p > 0.05;
    });
    expect(new Set(sides).size).toBe(2);
  });

  it('has zero width if all sessions have the same mean', () => {
    const same = { mean: 1 / 2, interval: [1 / 2, 1 / 2], p: 1 / (options.resamples + 1) };
    const none = { mean: 0, interval: [0, 0], p: 1 };
    const counts = Float64Array.of(2, 4, 6);
    const sums = [Float64Array.of(1, 2, 3), new Float64Array(3)];
    expect(studentisedMeans(sums, counts, options)).toEqual([same, none]);
  });
});

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

  /** Two evaluations of 99 sessions that differ by chance. */
  const drawn = [ofRanks(drawRanks(99, 0.5, 'test.a')), ofRanks(drawRanks(99, 0.5, 'test.b'))] as const;

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
    const settings = { ...options, cutoff: 2, level: 0.8 };
    const expected = studentisedMeans(sums, counts, settings).map(({ mean, interval, p }) => ({
      difference: expect.closeTo(mean, 12),
      interval: interval.map((bound) => expect.closeTo(bound, 9)),
      // Three sessions differ, or none.
      p: Math.max(p, mean === 0 ? 1 : 2 ** (1 - 3)),
    }));
    const { recall, mrr, ndcg } = pairedBootstrap(a, b, settings);
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

  it('averages the runs of a scorer', () => {
    // a hits 4 of 6, b 2, so their mean is 3: the difference to b is half of a's.
    const { recall } = pairedBootstrap([a, b], b, options);
    expect(recall.difference).toBeCloseTo((3 - 2) / 6, 15);
    const [one, other] = drawn;
    const [half, whole] = [[one, other], one].map((runs) => pairedBootstrap(runs, other, options).recall);
    expect(half.interval[1]).toBeCloseTo(whole.interval[1] / 2, 12);
    expect(pairedBootstrap([a], [b], options)).toEqual(pairedBootstrap(a, b, options));
    expect(pairedBootstrap(a, [b, b], options).recall.p).toBe(pairedBootstrap(a, b, options).recall.p);
  });

  const { ranks: _, ...bare } = a;
  const bareMessage = 'expected an evaluation with ranks, got one without. Evaluate with keepRanks.';
  const [shorter, changed] = [toSessions([0, 1]), toSessions([0, 1, 2], [0, 1], [0, 2], [2, 1, 0])].map(
    (others) => evaluate(historyScorer(3), others, { cutoffs: [1], tieRule: 'standard', keepRanks: true }),
  );
  const remedy = 'Evaluate all on the same sessions, with the same protocol and warmUp.';
  const target = 'got target 0 instead of 1 at prediction 5.';

  it.each<
    [string, Parameters<typeof pairedBootstrap>[0], Parameters<typeof pairedBootstrap>[1], string, object?]
  >([
    ['an evaluation a without ranks', bare, b, `"a" ${bareMessage}`],
    ['fewer predictions', a, shorter, `"b" expected the 6 predictions of a, got 1. ${remedy}`],
    ['another target', a, changed, `"b" expected the predictions of a, ${target} ${remedy}`],
    ['no runs', a, [], '"b" expected one evaluation at least, got none.'],
    [
      'another tie rule',
      a,
      { ...b, tieRule: 'median' },
      `"b" expected the tie rule 'standard' of a, got 'median'. Evaluate all by one rule.`,
    ],
    ['the cutoff 0', a, b, '"cutoff" expected integer >= 1, got 0.', { cutoff: 0 }],
    ['a level of 1', a, b, '"level" expected number in (0, 1), got 1.', { level: 1 }],
  ])('refuses %s', (_what, first, second, message, wrong) => {
    expect(() => pairedBootstrap(first, second, { ...options, ...wrong })).toThrow(
      `pairedBootstrap: ${message}`,
    );
  });
});

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
