import { describe, expect, it } from 'vitest';
import { planPredictions } from '../src/plan.ts';
import { toSessions } from './to-sessions.ts';

describe('planPredictions', () => {
  const sessions = toSessions([0, 1, 2, 1], [3], [], [2, 0]);

  it.each([
    ['next', [1, 1, 1, 0, 1, 0]],
    ['last', [0, 0, 1, 0, 1, 0]],
    ['remaining', [1, 1, 1, 0, 1, 0]],
  ] as const)("marks the clicks after which '%s' predicts", (protocol, marks) => {
    const counts = protocol === 'last' ? [1, 1] : [3, 1];
    expect(planPredictions(sessions, { protocol, warmUp: 1 })).toEqual({
      sessions: toSessions([0, 1, 2, 1], [2, 0]),
      predicted: Uint8Array.from(marks),
      counts: Float64Array.from(counts),
      predictions: counts[0] + counts[1],
    });
  });
});
