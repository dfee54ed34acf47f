import { createBaseline } from '@gru4rec/baselines';
import { evaluate, joinParts, type PartSums } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { evaluateSlices, predictionsOf, slicesOf, sliceWork } from '../src/session-slices.ts';
import { manySessions } from './many-sessions.ts';

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
