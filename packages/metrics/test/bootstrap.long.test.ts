import { describe, expect, it } from 'vitest';
import { metricNames } from '../src/metrics/registry.ts';
import { falsePositives, intervalCoverage } from './simulations.ts';

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
