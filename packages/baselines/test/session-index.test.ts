import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, shareArrays } from '../src/learned-arrays.ts';
import { indexSessions } from '../src/neighbour-search.ts';
import { someTimedSessions, toTimedData } from './timed-sessions.ts';

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

  it('numbers sessions by start, in input order at equal starts', () => {
    expect([...index.itemsOf.offsets]).toEqual([0, 2, 3, 4, 4]);
    expect([...index.itemsOf.members]).toEqual([0, 1, 1, 2]);
  });

  it('lists the sessions with an item in ascending order', () => {
    expect([...index.sessionsOf.offsets]).toEqual([0, 1, 3, 4]);
    expect([...index.sessionsOf.members]).toEqual([0, 0, 1, 2]);
  });

  it('finds the last click of each item of a session', () => {
    expect([...index.lastClicks]).toEqual([3, 1, 0, 1]);
  });

  it('counts ages in days from the start of the most recent session', () => {
    expect([...index.ages]).toEqual([7 - 2, 7 - 2, 7 - 6, 0]);
  });

  it('keeps only the latest sessions, in any order of input', () => {
    const someMost = fc.integer({ min: 1, max: 15 });
    fc.assert(
      fc.property(someTimedSessions, someMost, fc.boolean(), (sessions, most, inOrder) => {
        const byDay = sessions.toSorted((a, b) => a.day - b.day);
        const recent = toTimedData(byDay.slice(-most), 8);
        const given = toTimedData(inOrder ? byDay : sessions, 8);
        expect(indexSessions('stan', given, most)).toEqual(indexSessions('stan', recent));
      }),
      { seed: 1 },
    );
  });

  it('uses 12 bytes per session, 10 per distinct item of it and 4 per item, in shared memory', () => {
    const data = toTimedData(
      [
        { items: [0, 1, 0], day: 0 },
        { items: [2], day: 1 },
      ],
      3,
    );
    const taken = indexSessions('stan', data);
    expect(bytesOf(taken)).toBe(12 * 2 + 4 + 10 * 3 + 4 * (3 + 1));
    expect(taken.lastClicks).toBeInstanceOf(Uint16Array);
    expect(shareArrays(taken)).toEqual(taken);
    expect(shareArrays(taken).sessionsOf.members).toBe(taken.sessionsOf.members);
  });

  it('counts the clicks of very long sessions', () => {
    const items = Array.from({ length: 2 ** 16 + 1 }, (_, event) => (event === 2 ** 16 ? 1 : 0));
    const { lastClicks } = indexSessions('stan', toTimedData([{ items, day: 0 }], 2));
    expect([...lastClicks]).toEqual([2 ** 16 - 1, 2 ** 16]);
  });

  it('names the baseline that needs start times', () => {
    const { support, train } = toTimedData([{ items: [0, 0], day: 1 }], 1);
    expect(() =>
      indexSessions('stan', { support, train: { ...train, sessionStartTimes: new Float64Array(2) } }),
    ).toThrow(new RangeError('stan: "train.sessionStartTimes" expected 1 entries, one per session, got 2.'));
  });
});
