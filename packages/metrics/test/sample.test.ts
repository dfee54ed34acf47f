import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawSessions, sampleParts, sampleSessions } from '../src/sample.ts';
import { toSessions } from './to-sessions.ts';

const drawnOf = (size: number, sessions: number, seed: number): number[] =>
  [...drawSessions({ size, sessions, seed })].flatMap((drawn, session) => (drawn ? [session] : []));

describe('drawSessions', () => {
  it('draws exactly the requested number, or all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 50 }), fc.nat(), (size, sessions, seed) => {
        const draws = [...drawSessions({ size, sessions, seed })];
        expect(draws).toHaveLength(sessions);
        expect(draws.filter(Boolean)).toHaveLength(Math.min(size, sessions));
      }),
      { seed: 1 },
    );
  });

  it('draws the same sessions for the same seed, and others for another', () => {
    expect(drawnOf(20, 1000, 7)).toEqual(drawnOf(20, 1000, 7));
    expect(drawnOf(20, 1000, 7)).not.toEqual(drawnOf(20, 1000, 8));
  });

  it('draws every subset equally often', () => {
    // 3 of 6: 20 subsets. χ² with 19 degrees of freedom is above 43.8 once in a thousand.
    const subsets = new Map<string, number>();
    const rounds = 20_000;
    for (let seed = 0; seed < rounds; seed++) {
      const key = drawnOf(3, 6, seed).join();
      subsets.set(key, (subsets.get(key) ?? 0) + 1);
    }
    const expected = rounds / 20;
    const chiSquare = [...subsets.values()].reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    expect(subsets.size).toBe(20);
    expect(chiSquare).toBeLessThan(43.8);
  });
});

describe('sampleSessions', () => {
  const sessions = Array.from({ length: 40 }, (_, session) =>
    Array.from({ length: session % 4 }, () => session),
  );

  it('keeps drawn sessions complete and in order', () => {
    const { sessionOffsets, items } = sampleSessions(toSessions(...sessions), { size: 10, seed: 3 });
    const expected = toSessions(...drawnOf(10, 40, 3).map((session) => sessions[session]));
    expect(sessionOffsets).toEqual(expected.sessionOffsets);
    expect(items).toEqual(expected.items);
  });

  it('keeps all sessions if more are requested, and refuses half of one', () => {
    expect(sampleSessions(toSessions(...sessions), { size: 41, seed: 3 })).toEqual(toSessions(...sessions));
    expect(() => sampleSessions(toSessions(...sessions), { size: 1.5, seed: 3 })).toThrow(
      new RangeError('sampleSessions: "size" expected integer >= 1, got 1.5.'),
    );
  });
});

describe('sampleParts', () => {
  it('draws the same sessions from parts as from all at once', async () => {
    const whole = sampleSessions(toSessions([0, 1], [2], [3, 4, 5], [6, 7], [8, 9]), { size: 3, seed: 5 });
    const parts = [toSessions([0, 1], [2]), toSessions(), toSessions([3, 4, 5], [6, 7], [8, 9])];
    const found: number[][] = [];
    for await (const part of sampleParts(parts, { size: 3, seed: 5, sessions: 5 }))
      found.push([...part.items]);
    expect(found).toHaveLength(3);
    expect(found.flat()).toEqual([...whole.items]);
  });
});
