import { describe, expect, it } from 'vitest';
import { Candidates, planPredictions } from '../src/plan.ts';
import { toSessions } from './to-sessions.ts';

describe('planPredictions', () => {
  const sessions = toSessions([0, 1, 2, 1], [3], [], [2, 0]);
  const candidates = new Candidates(Int32Array.of(1, 3), 4);

  it.each([
    // Outside the candidates: target 2 and, in the last session, 0.
    ['next', [1, 0, 1, 0], 1 + 1],
    ['last', [0, 0, 1, 0], 1],
    // Later items: 1 2, 2 1 and 1, then 0.
    ['remaining', [1, 1, 1, 0], 2 + 1],
  ] as const)("counts the targets of '%s' that are not candidates", (protocol, marks, outsideTargets) => {
    const plan = planPredictions(sessions, { protocol, warmUp: 1, candidates });
    expect(plan).toEqual({
      sessions: toSessions([0, 1, 2, 1]),
      predicted: Uint8Array.from(marks),
      counts: Float64Array.of(marks.filter((mark) => mark === 1).length),
      predictions: marks.filter((mark) => mark === 1).length,
      outsideTargets,
    });
  });
});
