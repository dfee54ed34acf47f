import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import { metricNames } from '../src/metrics/registry.ts';
import { sampleSessions } from '../src/sample.ts';
import { constantScorer } from './scorers.ts';
import { falsePositives, intervalCoverage } from './simulations.ts';
import { toSessions } from './to-sessions.ts';

describe('bootstrapIntervals', () => {
  it.each([
    { sessions: 10, logItems: 7 },
    { sessions: 10, logItems: 30 },
    { sessions: 20, logItems: 7 },
    { sessions: 20, logItems: 30 },
    { sessions: 30, logItems: 7 },
    { sessions: 30, logItems: 30 },
    { sessions: 100, logItems: 7 },
    { sessions: 100, logItems: 30 },
  ])(
    'covers the mean of $sessions sessions with recall ln 20 / $logItems in 92 to 99 % of samples',
    (given) => {
      const found = intervalCoverage({ samples: 2000, ...given });
      for (const name of metricNames) {
        expect(found[name], name).toBeGreaterThan(0.92);
        expect(found[name], name).toBeLessThan(0.99);
      }
    },
  );
});

describe('pairedBootstrap', () => {
  it.each([
    { sessions: 10, pairs: 2_000 },
    { sessions: 30, pairs: 2_000 },
    { sessions: 100, pairs: 1_500 },
    { sessions: 1_000, pairs: 500 },
  ])(
    'gives p < 0.05 for at most 5 % of $pairs pairs without a difference, $sessions sessions',
    ({ sessions, pairs }) => {
      const found = falsePositives({ sessions, pairs, resamples: 299 });
      const error = Math.sqrt((0.05 * 0.95) / pairs);
      for (const metric of ['recall', 'mrr', 'ndcg'] as const) {
        expect(found[metric], metric).toBeLessThan(0.05 + 3 * error);
        expect(found[metric], metric).toBeGreaterThan(0.02);
      }
    },
  );
});

describe('an evaluation of a sample', () => {
  it('has intervals that contain the figure of all sessions with the stated probability', () => {
    // 2,000 sessions, each with its own probability that item 0 comes next, so some are easier to predict.
    const stream = new RandomStream(1, 'test.sessions');
    const all = toSessions(
      ...Array.from({ length: 2000 }, () => {
        const hits = stream.nextFloat() ** 2;
        const clicks = 2 + stream.nextBelow(6);
        return Array.from({ length: clicks }, () => (stream.nextFloat() < hits ? 0 : 1));
      }),
    );
    const scorer = constantScorer([1, 0]);
    const truth = evaluate(scorer, all, { cutoffs: [1] }).results[0].recall;
    let held = 0;
    const rounds = 300;
    for (let seed = 0; seed < rounds; seed++) {
      const sample = sampleSessions(all, { size: 150, seed });
      const { results } = evaluate(scorer, sample, { cutoffs: [1], bootstrap: { resamples: 400, seed } });
      const [lower, upper] = results[0].interval?.recall ?? [1, 0];
      if (lower <= truth && truth <= upper) held++;
    }
    // The standard error of a share of 0.95 over 300 rounds is 0.013.
    expect(held / rounds).toBeGreaterThan(0.95 - 0.03);
    expect(held / rounds).toBeLessThan(0.95 + 0.04);
  });
});
