import { topItems } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { sessionPop } from '../src/session-pop.ts';
import { stepWith, toData } from './sessions.ts';

describe('sessionPop', () => {
  const scorer = sessionPop(
    toData(
      [
        [0, 1, 1],
        [1, 2],
      ],
      4,
    ),
  );

  it('adds the clicks of the session to the share of the training events', () => {
    expect(scorer.name).toBe('S-POP');
    const session = scorer.open(1);
    expect(stepWith(session, [3], [1])).toEqual([1 / 5, 3 / 5, 1 / 5, 1]);
    expect(stepWith(session, [0], [0])).toEqual([1 / 5 + 1, 3 / 5, 1 / 5, 1]);
    expect(stepWith(session, [3], [0])).toEqual([1 / 5 + 1, 3 / 5, 1 / 5, 2]);
  });

  it('breaks ties of the session by popularity', () => {
    const session = scorer.open(1);
    stepWith(session, [3], [1]);
    const scores = stepWith(session, [0], [0]);
    expect([...topItems(Float64Array.from(scores), 4)]).toEqual([0, 3, 1, 2]);
  });

  it('continues counting after a step in which the slot is idle', () => {
    const session = scorer.open(1);
    stepWith(session, [3], [1]);
    stepWith(session, [-1], [0]);
    expect(stepWith(session, [3], [0])[3]).toBe(2);
  });
});
