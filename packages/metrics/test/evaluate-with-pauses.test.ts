import { describe, expect, it } from 'vitest';
import { evaluate, evaluateWithPauses } from '../src/evaluate.ts';
import type { EvaluateOptions } from '../src/options.ts';
import type { Ranker } from '../src/scorer.ts';
import { historyScorer, rankingScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

const sessions = toSessions([
  [0, 1, 2],
  [3, 4],
]);

/** Ranks like `historyScorer`, but gives no scores. */
const ranker: Ranker = {
  name: 'ranks only',
  itemCount: 7,
  open(slots) {
    const { rank, close } = rankingScorer(historyScorer(7)).open(slots);
    if (!rank) throw new RangeError('expected a session that ranks');
    return { rank, close };
  },
};
const pause = () => undefined;

describe('evaluateWithPauses', () => {
  it('gives the same result for a ranker as `evaluate` for a scorer', async () => {
    const options = { cutoffs: [1, 3], keepRanks: true };
    expect(await evaluateWithPauses(ranker, sessions, { ...options, pause })).toEqual(
      evaluate(historyScorer(7), sessions, options),
    );
  });

  it.each<Partial<EvaluateOptions>>([
    { excludeSeen: true },
    { protocol: 'remaining' },
    { candidates: Int32Array.of(1, 2, 4) },
  ])('refuses %j for a ranker, because it needs scores', async (option) => {
    await expect(evaluateWithPauses(ranker, sessions, { cutoffs: [1], ...option, pause })).rejects.toThrow(
      `evaluate: expected no "candidates", no "excludeSeen" and another protocol than 'remaining' with ranks only`,
    );
  });

  it('waits for each pause, and rejects with its error', async () => {
    let pauses = 0;
    const stop = async () => {
      if (++pauses === 2) throw new Error('enough');
    };
    const run = evaluateWithPauses(ranker, sessions, { cutoffs: [1], slots: 1, pause: stop });
    await expect(run).rejects.toThrow('enough');
    expect(pauses).toBe(2);
  });
});
