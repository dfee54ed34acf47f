import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, shareArrays } from '../src/learned-arrays.ts';
import {
  ClickedItems,
  EQUAL_WEIGHTS,
  indexSessions,
  NeighbourSearch,
  type SessionWeights,
  weighIndex,
} from '../src/neighbour-search.ts';
import { sharedItems, someSession, someSize, someTimedSessions, toTimedData } from './timed-sessions.ts';

describe('indexSessions', () => {
  it('keeps only the latest sessions, in any order of input', () => {
    const someMost = fc.integer({ min: 1, max: 15 });
    fc.assert(
      fc.property(someTimedSessions, someMost, fc.boolean(), (sessions, most, inOrder) => {
        const byDay = sessions.toSorted((a, b) => a.day - b.day);
        const recent = toTimedData(byDay.slice(-most), 8);
        const given = toTimedData(inOrder ? byDay : sessions, 8);
        expect(indexSessions(given, most)).toEqual(indexSessions(recent));
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
    const taken = indexSessions(data);
    expect(bytesOf(taken)).toBe(12 * 2 + 4 + 10 * 3 + 4 * (3 + 1));
    expect(taken.lastClicks).toBeInstanceOf(Uint16Array);
    expect(shareArrays(taken)).toEqual(taken);
    expect(shareArrays(taken).sessionsOf.members).toBe(taken.sessionsOf.members);
  });

  it('counts the clicks of very long sessions', () => {
    const items = Array.from({ length: 2 ** 16 + 1 }, (_, event) => (event === 2 ** 16 ? 1 : 0));
    const { lastClicks } = indexSessions(toTimedData([{ items, day: 0 }], 2));
    expect([...lastClicks]).toEqual([2 ** 16 - 1, 2 ** 16]);
  });
});

type FoundNeighbours = { session: number; similarity: number; last: number }[];

/** [session, similarity, last shared item] per session found after the clicks. */
function findAfter(search: NeighbourSearch, clicks: readonly number[]): FoundNeighbours {
  const session = new ClickedItems();
  for (const item of clicks) session.add(item);
  search.find(session);
  return Array.from({ length: search.found }, (_, place) => ({
    session: search.sessions[place],
    similarity: search.similarities[place],
    last: search.lastShared[place],
  }));
}

function searchIn(
  sessions: readonly (readonly number[])[],
  size: { neighbours: number; sampleSize: number },
  weights: Partial<SessionWeights> = {},
): NeighbourSearch {
  const training = sessions.map((items, day) => ({ items, day }));
  const itemCount = Math.max(...sessions.flat()) + 1;
  const all = { ...EQUAL_WEIGHTS, ...weights };
  return new NeighbourSearch(weighIndex(indexSessions(toTimedData(training, itemCount)), all), all, size);
}

describe('NeighbourSearch', () => {
  const sessions = [[0, 1], [2], [1], [1, 0, 0]];

  it('ignores sessions with similarity 0', () => {
    const search = searchIn(
      sessions,
      { neighbours: 10, sampleSize: 2 },
      { age: (days) => (days === 0 ? 0 : 1) },
    );
    expect(findAfter(search, [1]).map(({ session }) => session)).toEqual([2]);
  });

  it('accepts sessions with any number of items', () => {
    const items = Array.from({ length: 100 }, (_, item) => item);
    const search = searchIn([items, items.slice(50)], { neighbours: 2, sampleSize: 2 });
    expect(findAfter(search, items).map(({ similarity }) => similarity)).toEqual([50, 100]);
    expect(findAfter(search, [0]).map(({ similarity }) => similarity)).toEqual([1]);
  });

  it('agrees with sorting everything', () => {
    fc.assert(
      fc.property(someTimedSessions, someSession, someSize, (training, clicks, size) => {
        const index = weighIndex(indexSessions(toTimedData(training, 8)), EQUAL_WEIGHTS);
        const search = new NeighbourSearch(index, EQUAL_WEIGHTS, size);
        const expected = training
          .map(({ items, day }, place) => ({ shared: sharedItems(clicks, items), day, place }))
          .sort((a, b) => a.day - b.day || a.place - b.place)
          .map(({ shared }, session) => ({ session, similarity: shared.length, last: shared.at(-1) }))
          .filter(({ similarity }) => similarity > 0)
          .reverse()
          .slice(0, size.sampleSize)
          .sort((a, b) => b.similarity - a.similarity || b.session - a.session)
          .slice(0, size.neighbours)
          .sort((a, b) => b.session - a.session);
        expect(findAfter(search, clicks)).toEqual(expected);
      }),
      { seed: 1 },
    );
  });
});
