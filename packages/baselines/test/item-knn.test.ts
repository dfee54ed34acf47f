import { distinctItems, findNeighbours } from '@gru4rec/batcher';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline } from '../src/create-baseline.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

/** [neighbour, similarity] of one item, by the formula over sets. */
function naiveNeighbours(
  sessions: readonly (readonly number[])[],
  item: number,
  lambda: number,
  alpha: number,
  weigh: (items: number) => number,
): [number, number][] {
  const weightOf = (...wanted: number[]): number =>
    sessions
      .filter((session) => wanted.every((one) => session.includes(one)))
      .reduce((sum, session) => sum + weigh(new Set(session).size), 0);
  const found: [number, number][] = [];
  for (let other = 0; other < 8; other++) {
    const shared = weightOf(item, other);
    if (other === item || shared === 0) continue;
    const own = (weightOf(item) + lambda) ** alpha;
    found.push([other, shared / (own * (weightOf(other) + lambda) ** (1 - alpha))]);
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
        const { train } = toData(8, ...sessions);
        const itemsOf = distinctItems(train.sessionOffsets, train.items, 8);
        // Powers of two add up to the same bits in any order.
        const weigh = (count: number) => 2 ** -(count % 3);
        const options = { neighbours, lambda, alpha, weigh };
        const { offsets, items, similarities } = findNeighbours(itemsOf, 8, options);
        for (let item = 0; item < 8; item++) {
          const expected = naiveNeighbours(sessions, item, lambda, alpha, weigh).slice(0, neighbours);
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

  it('refuses an alpha above 1', () => {
    expect(() => createBaseline('item-knn', toData(2, [0, 1]), { alpha: 1.5 })).toThrow(
      new RangeError('createBaseline: "alpha" expected number in [0, 1], got 1.5.'),
    );
  });
});

describe('itemKnn', () => {
  // Item 0 is in three sessions, 1 in two, 2 in one. 0 and 1 share two sessions, 0 and 2 one, 1 and 2 none.
  const data = toData(4, [0, 1], [1, 0, 0], [0, 2], [3]);

  it('scores neighbours by similarity, others by popularity below 0, and the item itself last', () => {
    const scorer = createBaseline('item-knn', data, { lambda: 0 });
    expect(scorer.name).toBe('item-KNN');
    expect(stepWith(scorer.open(1), [1], [1])).toEqual([2 / (2 ** 0.5 * 3 ** 0.5), -2, 1 / 8 - 1, 1 / 8 - 1]);
  });

  it('adds 20 to both counts by default', () => {
    const scores = stepWith(createBaseline('item-knn', data).open(1), [0], [1]);
    expect(scores[1]).toBe(2 / (23 ** 0.5 * 22 ** 0.5));
    expect(scores[2]).toBe(1 / (23 ** 0.5 * 21 ** 0.5));
  });

  it('uses only the last item', () => {
    const scorer = createBaseline('item-knn', data);
    const session = scorer.open(1);
    stepWith(session, [2], [1]);
    expect(stepWith(session, [1], [0])).toEqual(stepWith(scorer.open(1), [1], [1]));
  });
});
