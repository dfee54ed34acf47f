import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../src/live/live-engine.ts';
import { ClickRounds } from '../../src/live/live-sessions.ts';

const event = (item: number): LiveEvent => ({ state: new Float32Array(1), item });

describe('ClickRounds', () => {
  it('runs the k-th events of all sessions together, in limited batches', () => {
    const calls: number[][] = [];
    const advance = (events: readonly LiveEvent[]) => void calls.push(events.map(({ item }) => item));
    const rounds = new ClickRounds({ advance }, 2);
    for (const [session, item] of [
      ['s', 1],
      ['t', 2],
      ['s', 3],
      ['u', 4],
      ['s', 5],
    ] as const) {
      rounds.add(session, event(item));
    }
    expect([rounds.sessions, rounds.has('u'), rounds.has('v')]).toEqual([3, true, false]);
    rounds.run();
    expect(calls).toEqual([[1, 2], [4], [3], [5]]);
    expect([rounds.sessions, rounds.has('u')]).toEqual([0, false]);
  });
});
