import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { drawByWeight, runningSums, scrambledIds } from '../src/draws.ts';

describe('drawByWeight', () => {
  const sums = runningSums(Float64Array.of(5, 1, 0, 3));

  it('maps to each index its share of the unit interval', () => {
    const drawn = [0, 0.5, 5 / 9, 0.66, 6 / 9, 0.99].map((uniform) => drawByWeight(sums, 0, 4, uniform));
    expect(drawn).toEqual([0, 0, 1, 1, 3, 3]);
  });

  it('draws only from the given range', () => {
    const drawn = [0, 0.24, 0.25, 0.99].map((uniform) => drawByWeight(sums, 1, 4, uniform));
    expect(drawn).toEqual([1, 1, 3, 3]);
  });
});

describe('scrambledIds', () => {
  it('makes unique ids', () => {
    const idOf = scrambledIds(100, 9_973, new RandomStream(1, 'test.ids'));
    const ids = new Set(Array.from({ length: 9_973 }, (_, n) => idOf(n)));
    expect(ids.size).toBe(9_973);
    expect([Math.min(...ids), Math.max(...ids)]).toEqual([100, 100 + 9_972]);
  });

  it('scatters neighbours', () => {
    const idOf = scrambledIds(0, 536_870_909, new RandomStream(1, 'test.ids'));
    expect(Math.abs(idOf(1) - idOf(0))).toBeGreaterThan(1_000_000);
  });
});
