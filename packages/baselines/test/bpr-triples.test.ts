import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BprTriples } from '../src/bpr-mf.ts';
import { distinctItems } from '../src/learned-arrays.ts';
import { someSessions, toData } from './sessions.ts';

function triplesOf(sessions: readonly (readonly number[])[], itemCount: number, seed = 1): BprTriples {
  const { sessionOffsets, items } = toData(sessions, itemCount).train;
  return new BprTriples(
    distinctItems(sessionOffsets, items, itemCount),
    itemCount,
    new RandomStream(seed, 'test'),
  );
}

describe('BprTriples', () => {
  it('draws an item of the session and one outside it', () => {
    fc.assert(
      fc.property(someSessions, fc.nat(), (sessions, seed) => {
        const triples = triplesOf(sessions, 8, seed);
        for (let draw = 0; draw < 20; draw++) {
          const { session, item, negative } = triples.draw();
          expect(sessions[session]).toContain(item);
          expect(sessions[session]).not.toContain(negative);
        }
      }),
      { seed: 1 },
    );
  });

  it('draws every pair of session and item, and every item outside it, equally often', () => {
    const triples = triplesOf([[0, 1, 1, 0, 1], [2]], 4);
    const draws = 30_000;
    const counts = new Map<string, number>();
    for (let draw = 0; draw < draws; draw++) {
      const { session, item, negative } = triples.draw();
      const key = `${session} ${item} ${negative}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const key of ['0 0 2', '0 0 3', '0 1 2', '0 1 3']) {
      expect((counts.get(key) ?? 0) / draws).toBeCloseTo(1 / 3 / 2, 1.7);
    }
    for (const key of ['1 2 0', '1 2 1', '1 2 3']) {
      expect((counts.get(key) ?? 0) / draws).toBeCloseTo(1 / 3 / 3, 1.7);
    }
    expect(counts.size).toBe(2 * 2 + 3);
  });

  it('has a pair per distinct item of each session that lacks an item', () => {
    expect(triplesOf([[0, 1, 0], [2, 1, 0], [], [2]], 3).pairs).toBe(2 + 1);
  });
});
