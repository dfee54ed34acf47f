import { describe, expect, it } from 'vitest';
import { falsePositives } from './simulations.ts';

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
