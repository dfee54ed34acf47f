import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shuffleInPlace } from '../src/shuffle.ts';
import { RandomStream } from '../src/streams.ts';

describe('shuffleInPlace', () => {
  it('permutes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.nat({ max: 60 }), (seed, length) => {
        const sorted = Int32Array.from({ length }, (_, index) => index);
        const shuffled = sorted.slice();
        shuffleInPlace(shuffled, new RandomStream(seed, 'shuffle'));
        expect(shuffled.sort()).toEqual(sorted);
      }),
      { seed: 5 },
    );
  });

  it('gives the same order for the same seed', () => {
    const first = Int32Array.from({ length: 20 }, (_, index) => index);
    const second = first.slice();
    shuffleInPlace(first, new RandomStream(3, 'shuffle'));
    shuffleInPlace(second, new RandomStream(3, 'shuffle'));
    expect(first).toEqual(second);
  });

  it('reaches the 24 orders of four equally often', () => {
    const stream = new RandomStream(4, 'shuffle');
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let draw = 0; draw < draws; draw++) {
      const order = Int32Array.of(0, 1, 2, 3);
      shuffleInPlace(order, stream);
      const key = order.join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    let chiSquare = 0;
    for (const count of counts.values()) chiSquare += (count - draws / 24) ** 2 / (draws / 24);
    // 23 degrees of freedom: 49.73 is exceeded once in a thousand.
    expect(chiSquare).toBeLessThan(49.73);
  });
});
