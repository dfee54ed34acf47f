import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionHistory } from '../src/index.ts';

/** The last `length` distinct items, the most recent first, then −1. */
function naive(clicks: readonly number[], length: number): number[] {
  const last = [...new Set(clicks.toReversed())].slice(0, length);
  return [...last, ...new Array(length - last.length).fill(-1)];
}

describe('SessionHistory', () => {
  it('holds the last distinct items, with a length of one, shorter and longer than the session', () => {
    const clicks = fc.array(fc.nat({ max: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(clicks, fc.integer({ min: 1, max: 8 }), (items, length) => {
        const history = new SessionHistory(2, length);
        history.add(0, 9);
        for (const item of items) history.add(1, item);
        expect([...history.items]).toEqual([...naive([9], length), ...naive(items, length)]);
        // An item that fell out of the row begins anew.
        const since = (item: number) =>
          items.reduce((count, one, at) => {
            if (one === item) return count + 1;
            return naive(items.slice(0, at + 1), length).includes(item) ? count : 0;
          }, 0);
        expect([...history.counts].slice(length)).toEqual([...history.items].slice(length).map(since));
      }),
      { seed: 38 },
    );
  });

  it('follows steps: it starts over at a reset, and keeps a slot without an item', () => {
    const history = new SessionHistory(3, 2);
    history.follow(Int32Array.of(4, 5, 6), Float32Array.of(1, 1, 1));
    history.follow(Int32Array.of(7, -1, 6), Float32Array.of(0, 0, 1));
    expect([...history.items]).toEqual([7, 4, 5, -1, 6, -1]);
  });
});
