import { createBaseline } from '@gru4rec/baselines';
import { evaluate, joinParts, type PartSums } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import {
  evaluateScorer,
  evaluateSlices,
  predictionsOf,
  slicesOf,
  sliceWork,
} from '../src/evaluate-scorer.ts';
import { manySessions } from './many-sessions.ts';

describe('evaluateScorer', () => {
  const { sessions, data } = manySessions(1500);
  const vstan = createBaseline('vstan', data, { sampleSize: 50 });
  const options = { cutoffs: [1, 3], support: data.support, keepRanks: true };
  const whole = evaluate(vstan, sessions, options);

  it('gives the same result on several threads as on one', async () => {
    const reported: number[] = [];
    const found = await evaluateScorer(vstan, sessions, options, {
      threads: 2,
      worthSeconds: 0,
      onPredictions: (predictions) => reported.push(predictions),
    });
    expect(found).toEqual(whole);
    expect(reported.every((predictions, turn) => predictions > (reported[turn - 1] ?? 0))).toBe(true);
  });

  it('starts no other thread for a small evaluation', async () => {
    const threads = { threads: 8, worthSeconds: Number.POSITIVE_INFINITY };
    expect(await evaluateScorer(vstan, sessions, options, threads)).toEqual(whole);
  });

  it('evaluates a scorer that is no baseline', async () => {
    const { itemCount, open } = vstan;
    const plain = { name: 'plain', itemCount, open };
    const evaluation = await evaluateScorer(plain, sessions, options, { threads: 2, worthSeconds: 0 });
    expect(evaluation).toEqual(evaluate(plain, sessions, options));
  });

  it('rethrows the errors of other threads', async () => {
    await expect(
      evaluateScorer(vstan, sessions, { cutoffs: [0] }, { threads: 2, worthSeconds: 0 }),
    ).rejects.toThrow('evaluate: "cutoffs" expected array of one or more integers >= 1, got [0].');
    const none = { sessionOffsets: Int32Array.of(0), items: new Int32Array(0) };
    await expect(evaluateScorer(vstan, none, options, { threads: 2 })).rejects.toThrow(
      'evaluate: "sessions" expected a session of two or more events, got none.',
    );
  });
});

describe('evaluateSlices', () => {
  const { sessions, data } = manySessions(1000);
  const sPop = createBaseline('s-pop', data);
  const options = {
    cutoffs: [1, 3],
    tieRule: 'standard' as const,
    support: data.support,
    bootstrap: { resamples: 5, seed: 1 },
    keepRanks: true,
  };

  it('hands out each slice once, and the slices add up to the whole evaluation', () => {
    const work = sliceWork(sessions, { ...options, onProgress: () => undefined });
    const takers = [evaluateSlices(sPop, work), evaluateSlices(sPop, work)];
    const parts: PartSums[] = [];
    for (let turn = 0; parts.length < slicesOf(work) || parts.includes(undefined as never); turn++) {
      const next = takers[turn % 2]?.next().value;
      if (next) parts[next.slice] = next.part;
    }
    const whole = evaluate(sPop, sessions, options);
    expect(slicesOf(work)).toBe(4);
    expect(joinParts(parts, options, sPop)).toEqual(whole);
    expect(predictionsOf(work)).toBe(whole.predictions);
    expect(takers.map((taker) => taker.next().done)).toEqual([true, true]);
  });
});
