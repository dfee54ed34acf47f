import { describe, expect, it } from 'vitest';
import { indexSessions } from '../src/session-index.ts';
import { toTimedData } from './timed-sessions.ts';

describe('indexSessions', () => {
  const index = indexSessions(
    'stan',
    toTimedData(
      [
        { items: [2, 2], day: 6 },
        { items: [0, 1, 0, 0], day: 2 },
        { items: [], day: 7 },
        { items: [1], day: 2 },
      ],
      3,
    ),
  );

  it('numbers sessions by start, those that start together as they were given', () => {
    expect([...index.itemsOf.offsets]).toEqual([0, 2, 3, 4, 4]);
    expect([...index.itemsOf.members]).toEqual([0, 1, 1, 2]);
  });

  it('finds the sessions that hold an item, ascending', () => {
    expect([...index.sessionsOf.offsets]).toEqual([0, 1, 3, 4]);
    expect([...index.sessionsOf.members]).toEqual([0, 0, 1, 2]);
  });

  it('finds the last click of each item of a session', () => {
    expect([...index.lastClicks]).toEqual([3, 1, 0, 1]);
  });

  it('counts ages in days from the start of the most recent session', () => {
    expect([...index.ages]).toEqual([7 - 2, 7 - 2, 7 - 6, 0]);
  });

  it('names the baseline that needs the times', () => {
    const { support, train } = toTimedData([{ items: [0, 0], day: 1 }], 1);
    expect(() =>
      indexSessions('stan', { support, train: { ...train, sessionStartTimes: new Float64Array(2) } }),
    ).toThrow(new RangeError('stan: "train.sessionStartTimes" expected 1 entries, one per session, got 2.'));
  });
});
