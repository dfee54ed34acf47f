import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeenItems } from '../../src/live/recommender.ts';

describe('SeenItems', () => {
  it('holds each item once', () => {
    const seen = new SeenItems(10);
    for (const item of [4, 2, 4]) seen.add(item);
    expect(seen.size).toBe(2);
    expect(seen.toSet()).toEqual(new Set([2, 4]));
  });

  it('forgets the least recently clicked item', () => {
    const seen = new SeenItems(2);
    for (const item of [1, 2, 1, 3]) seen.add(item);
    expect(seen.toSet()).toEqual(new Set([1, 3]));
  });

  it('holds the last distinct items for any limit', () => {
    const limits = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 120 }), limits, (items, limit) => {
        const seen = new SeenItems(limit);
        for (const item of items) seen.add(item);
        const latestFirst = [...new Set(items.toReversed())];
        expect(seen.toSet()).toEqual(new Set(latestFirst.slice(0, limit)));
      }),
      { seed: 1 },
    );
  });
});
