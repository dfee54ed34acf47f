import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClickedItems, indexSessions, NeighbourSearch, weighIndex } from '../src/neighbour-search.ts';
import { EQUAL_WEIGHTS, type SessionWeights } from '../src/session-weights.ts';
import { sharedItems, someSession, someSize, someTimedSessions, toTimedData } from './timed-sessions.ts';

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
  return new NeighbourSearch(
    weighIndex(indexSessions('stan', toTimedData(training, itemCount)), all),
    all,
    size,
  );
}

describe('NeighbourSearch', () => {
  const sessions = [[0, 1], [2], [1], [1, 0, 0]];

  it('finds the sessions that share an item, most recent first, with the last shared item', () => {
    const search = searchIn(sessions, { neighbours: 10, sampleSize: 10 });
    expect(findAfter(search, [1, 0])).toEqual([
      { session: 3, similarity: 2, last: 0 },
      { session: 2, similarity: 1, last: 1 },
      { session: 0, similarity: 2, last: 0 },
    ]);
    expect(findAfter(search, [0, 2])).toEqual([
      { session: 3, similarity: 1, last: 0 },
      { session: 1, similarity: 1, last: 2 },
      { session: 0, similarity: 1, last: 0 },
    ]);
  });

  it('keeps the most similar, and prefers recent ones among equals', () => {
    const search = searchIn(sessions, { neighbours: 1, sampleSize: 10 });
    expect(findAfter(search, [1, 0]).map(({ session }) => session)).toEqual([3]);
    expect(findAfter(search, [2, 1, 1]).map(({ session }) => session)).toEqual([3]);
  });

  it('samples before it compares', () => {
    const search = searchIn([[0, 1], [0]], { neighbours: 1, sampleSize: 1 });
    expect(findAfter(search, [1, 0]).map(({ session }) => session)).toEqual([1]);
  });

  it('ignores sessions with similarity 0', () => {
    const search = searchIn(
      sessions,
      { neighbours: 10, sampleSize: 2 },
      { age: (days) => (days === 0 ? 0 : 1) },
    );
    expect(findAfter(search, [1]).map(({ session }) => session)).toEqual([2]);
  });

  it('finds nothing for an item of no training session', () => {
    const search = searchIn([[0, 2]], { neighbours: 10, sampleSize: 10 });
    expect(findAfter(search, [1])).toEqual([]);
    expect(findAfter(search, [1, 2])).toHaveLength(1);
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
        const index = weighIndex(indexSessions('stan', toTimedData(training, 8)), EQUAL_WEIGHTS);
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
