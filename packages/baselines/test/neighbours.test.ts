import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline } from '../src/create-baseline.ts';
import { findNeighbours } from '../src/item-knn.ts';
import { someSessions, toData } from './sessions.ts';

/** [neighbour, similarity] of one item, by the formula over sets. */
function naiveNeighbours(
  sessions: readonly (readonly number[])[],
  item: number,
  lambda: number,
  alpha: number,
): [number, number][] {
  const sessionsWith = (wanted: number): readonly (readonly number[])[] =>
    sessions.filter((session) => session.includes(wanted));
  const found: [number, number][] = [];
  for (let other = 0; other < 8; other++) {
    const shared = sessionsWith(item).filter((session) => session.includes(other)).length;
    if (other === item || shared === 0) continue;
    const own = (sessionsWith(item).length + lambda) ** alpha;
    found.push([other, shared / (own * (sessionsWith(other).length + lambda) ** (1 - alpha))]);
  }
  return found.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

describe('findNeighbours', () => {
  it.each([
    [20, 0.5],
    [0, 0.5],
    [3, 0],
    [0, 1],
    [5, 0.8],
  ])('agrees with the formula for λ = %s, α = %s', (lambda, alpha) => {
    fc.assert(
      fc.property(someSessions, fc.integer({ min: 1, max: 8 }), (sessions, neighbours) => {
        const { offsets, items, similarities } = findNeighbours(toData(sessions, 8), {
          neighbours,
          lambda,
          alpha,
        });
        for (let item = 0; item < 8; item++) {
          const expected = naiveNeighbours(sessions, item, lambda, alpha).slice(0, neighbours);
          const [start, end] = [offsets[item], offsets[item + 1]];
          expect([...items.subarray(start, end)]).toEqual(expected.map(([other]) => other));
          expect([...similarities.subarray(start, end)]).toEqual(
            expected.map(([, similarity]) => similarity),
          );
        }
      }),
      { seed: 1 },
    );
  });

  it('counts an item once per session, however often it was clicked', () => {
    const once = findNeighbours(
      toData(
        [
          [0, 1],
          [0, 2],
        ],
        3,
      ),
      {},
    );
    const often = findNeighbours(
      toData(
        [
          [0, 1, 0, 1, 1],
          [0, 2, 0],
        ],
        3,
      ),
      {},
    );
    expect(often).toEqual(once);
  });

  it.each([
    [{ neighbours: 0 }, '"neighbours" expected integer >= 1, got 0.'],
    [{ lambda: -1 }, '"lambda" expected finite number >= 0, got -1.'],
    [{ alpha: 1.5 }, '"alpha" expected number in [0, 1], got 1.5.'],
    [{ alpha: Number.NaN }, '"alpha" expected number in [0, 1], got NaN.'],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('item-knn', toData([[0, 1]], 2), options)).toThrow(
      new RangeError(`createBaseline: ${message}`),
    );
  });
});
