import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrendingCounter } from '../../src/models/fresh-clicks.ts';

const HOUR_MS = 3_600_000;
const LAST_MS = Date.UTC(2026, 4, 1);
const trained = { clicks: Float32Array.of(5, 0, 1), halfLifeMs: HOUR_MS, lastMs: LAST_MS };

describe('TrendingCounter', () => {
  it('is the definition: decayed clicks of the training and since, of items that three visitors clicked', () => {
    const click = fc.record({
      item: fc.nat(4),
      afterMs: fc.integer({ min: -HOUR_MS, max: 9 * HOUR_MS }),
    });
    fc.assert(
      // So few clicks are within every share.
      fc.property(fc.array(click, { maxLength: 10 }), (clicks) => {
        const counter = new TrendingCounter(trained, LAST_MS);
        counter.reserve(5);
        for (const { item, afterMs } of clicks) counter.observe(item, LAST_MS + afterMs);
        const since = clicks.filter(({ afterMs }) => afterMs > 0);
        const nowMs = Math.max(0, ...since.map(({ afterMs }) => afterMs));
        const weight = (ms: number) => 0.5 ** ((nowMs - ms) / HOUR_MS);
        const expected = Array.from({ length: 5 }, (_, item) => {
          const own = since.filter((one) => one.item === item);
          const counted = own.length < 3 ? [] : own;
          const before = (trained.clicks[item] ?? 0) * weight(0);
          return counted.reduce((sum, { afterMs }) => sum + weight(afterMs), before);
        });
        for (const [item, score] of counter.read().entries()) expect(score).toBeCloseTo(expected[item]!, 4);
      }),
    );
  });

  it('keeps the order of the training after years without clicks, below what visitors click now', () => {
    const counter = new TrendingCounter(trained, LAST_MS + 1e5 * HOUR_MS);
    for (let visitor = 0; visitor < 3; visitor++) counter.observe(1, LAST_MS + 1e5 * HOUR_MS);
    const [first = 0, clicked = 0, last = 0] = counter.read();
    expect(clicked).toBe(3);
    expect(1 > first && first > last && last > 0).toBe(true);
  });

  it.each([1, 900])(
    'lists no item of 50 sessions, beside 1,000 visitors within a minute: item %i',
    (attacked) => {
      const random = new RandomStream(1, 'test.trending');
      const shopItem = () => Math.floor(899 * random.nextFloat() ** 2);
      const rest = (item: number) => (item >= attacked ? item + 1 : item);
      const clicks = [
        ...Array.from({ length: 4000 }, () => ({
          item: rest(shopItem()),
          timeMs: random.nextFloat() * 60_000,
        })),
        ...Array.from({ length: 50 }, () => ({ item: attacked, timeMs: random.nextFloat() * 60_000 })),
      ].sort((a, b) => a.timeMs - b.timeMs);
      const counter = new TrendingCounter({ ...trained, clicks: new Float32Array(900) }, LAST_MS);
      counter.reserve(901);
      const naive = new Float64Array(901);
      for (const { item, timeMs } of clicks) {
        counter.observe(item, LAST_MS + 1 + timeMs);
        naive[item] = 1 + (naive[item] ?? 0);
      }
      const placeIn = (scores: ArrayLike<number>) =>
        Array.from(scores).filter((score) => score > (scores[attacked] ?? 0)).length;
      expect(placeIn(naive)).toBeLessThan(20);
      expect(placeIn(counter.read())).toBeGreaterThanOrEqual(20);
    },
  );
});
