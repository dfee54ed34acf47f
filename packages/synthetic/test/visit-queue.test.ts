import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VisitQueue } from '../src/visit-queue.ts';

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
