import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { scrambledIds } from '../src/ids.ts';

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
