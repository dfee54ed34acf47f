import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countVisits, dwellSeconds, startTime, VisitQueue, visitLengths } from '../src/visits.ts';

describe('startTime', () => {
  const start = Date.UTC(2024, 2, 1) / 1000;

  it('maps days to days and never decreases', () => {
    expect(startTime(0)).toBe(start);
    expect(startTime(7)).toBe(start + 7 * 86_400);
    const times = Array.from({ length: 2_001 }, (_, index) => startTime(index / 1_000));
    expect(times.every((time, index) => index === 0 || time >= times[index - 1])).toBe(true);
  });

  it('is late in the day for most visits', () => {
    expect((startTime(0.5) - start) / 3_600).toBeGreaterThan(14);
  });
});

describe('dwellSeconds', () => {
  it('returns whole seconds with a median of 40', () => {
    const stream = new RandomStream(1, 'test.dwell');
    const seconds = Array.from({ length: 4_001 }, () => dwellSeconds(stream)).sort((a, b) => a - b);
    expect(seconds.every(Number.isInteger)).toBe(true);
    expect([seconds[0], seconds[4_000]]).toEqual([1, 1_799]);
    expect(seconds[2_000]).toBeGreaterThan(37);
    expect(seconds[2_000]).toBeLessThan(43);
  });
});

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

describe('VisitQueue', () => {
  it('returns all clicks by time, those of the same second by visit', () => {
    const visits = fc.array(fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 5 }), { maxLength: 12 });
    fc.assert(
      fc.property(visits, (drawn) => {
        const queue = new VisitQueue();
        const expected: [time: number, visit: number][] = [];
        for (const [visit, unsorted] of drawn.entries()) {
          const times = unsorted.sort((a, b) => a - b);
          queue.push({ sessionId: visit, visit, items: times, times, next: 0 });
          for (const time of times) expected.push([time, visit]);
        }
        const seen: [number, number][] = [];
        for (let first = queue.first; first !== undefined; first = queue.first) {
          seen.push([first.times[first.next], first.visit]);
          queue.advance();
        }
        expect(seen).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
      { seed: 1 },
    );
  });
});
