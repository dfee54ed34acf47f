import { describe, expect, it } from 'vitest';
import { itemKnn } from '../src/item-knn.ts';
import { stepWith, toData } from './sessions.ts';

describe('itemKnn', () => {
  // Item 0 is in three sessions, 1 in two, 2 in one. 0 and 1 share two sessions, 0 and 2 one, 1 and 2 none.
  const data = toData([[0, 1], [1, 0, 0], [0, 2], [3]], 4);

  it('scores neighbours by similarity, others by popularity below 0, and the item itself last', () => {
    const scorer = itemKnn(data, { lambda: 0 });
    expect(scorer.name).toBe('item-KNN');
    expect(stepWith(scorer.open(1), [1], [1])).toEqual([2 / (2 ** 0.5 * 3 ** 0.5), -2, 1 / 8 - 1, 1 / 8 - 1]);
  });

  it('adds 20 to both counts by default', () => {
    const scores = stepWith(itemKnn(data).open(1), [0], [1]);
    expect(scores[1]).toBe(2 / (23 ** 0.5 * 22 ** 0.5));
    expect(scores[2]).toBe(1 / (23 ** 0.5 * 21 ** 0.5));
  });

  it('uses only the last item', () => {
    const scorer = itemKnn(data);
    const session = scorer.open(1);
    stepWith(session, [2], [1]);
    expect(stepWith(session, [1], [0])).toEqual(stepWith(scorer.open(1), [1], [1]));
  });

  it('keeps the requested number of neighbours', () => {
    const scores = stepWith(itemKnn(data, { neighbours: 1 }).open(1), [0], [1]);
    expect(scores[1]).toBeGreaterThan(0);
    expect(scores[2]).toBe(1 / 8 - 1);
  });
});
