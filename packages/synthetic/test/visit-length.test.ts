import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countVisits, visitLengths } from '../src/visit-length.ts';

describe('visitLengths', () => {
  it('adds up to the events, with visits of 1 to 200', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(), (events, seed) => {
        const lengths = [...visitLengths(events, seed)];
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(events);
        expect(lengths.every((length) => length >= 1 && length <= 200)).toBe(true);
        expect(countVisits(events, seed)).toBe(lengths.length);
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});
