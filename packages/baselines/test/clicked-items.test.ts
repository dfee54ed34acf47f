import { describe, expect, it } from 'vitest';
import { ClickedItems } from '../src/neighbour-search.ts';

describe('ClickedItems', () => {
  it('keeps each item once, in order of last click', () => {
    const session = new ClickedItems();
    for (const item of [5, 3, 5, 4, 3]) session.add(item);
    expect(session.length).toBe(5);
    expect([...session.lastClicks]).toEqual([
      [5, 3],
      [4, 4],
      [3, 5],
    ]);
    expect([5, 4, 3, 2].map((item) => session.lastClickOf(item))).toEqual([3, 4, 5, 0]);
  });

  it('starts again when cleared', () => {
    const session = new ClickedItems();
    session.add(5);
    session.clear();
    session.add(4);
    expect([session.length, ...session.lastClicks]).toEqual([1, [4, 1]]);
  });
});
