import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalTimes, loadAtRate, loadAtSaturation, type SendNext } from '../../src/load/generate-load.ts';
import { replayOf } from '../../src/load/load-server.ts';

/** One session after the other of three clicks. */
const log = {
  itemIds: ['a', 'b', 'c'],
  sessionOffsets: Int32Array.of(0, 3),
  items: Int32Array.of(0, 1, 2),
};

/** A server in this process that records what it gets. */
function target(answer: (request: number) => Promise<number> | number) {
  const seen: string[] = [];
  const active = new Set<string>();
  let overlaps = 0;
  const next = replayOf(log, 'r');
  const made: SendNext = async (visitor) => {
    const { sessionId, item } = next(visitor);
    if (active.has(sessionId)) overlaps++;
    active.add(sessionId);
    const request = seen.push(`${sessionId} ${item}`) - 1;
    try {
      return await answer(request);
    } finally {
      active.delete(sessionId);
    }
  };
  return { made, seen, overlaps: () => overlaps };
}

/** The items of each session, in the order in which they came. */
function itemsBySession(seen: readonly string[]): string[] {
  const items = new Map<string, string>();
  for (const line of seen) {
    const [path = '', item = ''] = line.split(' ');
    items.set(path, (items.get(path) ?? '') + item);
  }
  return [...items.values()];
}

describe('loadAtSaturation', () => {
  it('keeps every visitor’s clicks in order, one at a time, and ends at the limits', async () => {
    const { made, seen, overlaps } = target(() => setTimeout(1, 200));
    const figures = await loadAtSaturation(made, 4, { seconds: 10, requests: 50 });
    expect([figures.answered, figures.errors, seen.length, overlaps()]).toEqual([50, 0, 50, 0]);
    for (const items of itemsBySession(seen)) expect('abc'.startsWith(items)).toBe(true);
    expect(figures.lateness.max).toBe(0);
    const short = await loadAtSaturation(made, 4, { seconds: 0.05, requests: 1e6 });
    expect(short.seconds).toBeLessThan(5);
    expect(short.answered).toBeGreaterThan(0);
  });

  it('counts statuses other than 200 and broken connections, with what the first one met', async () => {
    const broken = () => {
      throw new Error('other side closed');
    };
    const { made } = target((request) => (request === 1 ? 503 : request === 2 ? broken() : 200));
    const figures = await loadAtSaturation(made, 1, { seconds: 10, requests: 5 });
    expect([figures.answered, figures.errors, figures.firstError]).toEqual([3, 2, 'status 503']);
  });
});

describe('loadAtRate', () => {
  it('sends every arrival, each session in order and one click at a time', async () => {
    const arrivals = Float64Array.from({ length: 60 }, (_, at) => Math.floor(at / 3) * 5);
    const { made, seen, overlaps } = target(() => setTimeout(12, 200));
    const figures = await loadAtRate(made, 7, arrivals);
    expect([figures.answered, figures.errors, seen.length, overlaps()]).toEqual([60, 0, 60, 0]);
    for (const items of itemsBySession(seen)) expect('abc'.startsWith(items)).toBe(true);
  });

  it('charges a stalled server for every click that it delays, which a closed loop does not', async () => {
    const stalling = () => {
      let stall: Promise<number> | undefined;
      return target(() => {
        stall ??= setTimeout(300, 200);
        return stall;
      }).made;
    };
    const arrivals = Float64Array.from({ length: 30 }, (_, at) => at * 10);
    const open = await loadAtRate(stalling(), 2, arrivals);
    // The click at t ms waits for 300 − t ms.
    expect(open.latencies.max).toBeGreaterThan(295);
    expect(open.latencies.p50).toBeGreaterThan(100);
    const closed = await loadAtSaturation(stalling(), 2, { seconds: 10, requests: 30 });
    expect(closed.latencies.max).toBeGreaterThan(295);
    expect(closed.latencies.p50).toBeLessThan(50);
  });

  it('sends no click before its arrival', async () => {
    const start = performance.now();
    const times: number[] = [];
    const { made } = target(() => {
      times.push(performance.now() - start);
      return 200;
    });
    const arrivals = Float64Array.from({ length: 50 }, (_, at) => at * 4);
    await loadAtRate(made, 50, arrivals);
    expect(times.length).toBe(50);
    expect(times.every((time, at) => time >= (arrivals[at] ?? 0))).toBe(true);
  });
});

describe('arrivalTimes', () => {
  it('gives rate · seconds ascending times in the interval, the same for the same seed', () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 5 }), fc.nat());
    fc.assert(
      fc.property(cases, ([rate, seconds, seed]) => {
        const times = arrivalTimes(rate, seconds, seed);
        expect(times.length).toBe(rate * seconds);
        expect(times[0]).toBeGreaterThanOrEqual(0);
        expect(times.at(-1)).toBeLessThan(1000 * seconds);
        expect(times.every((time, at) => at === 0 || time >= (times[at - 1] ?? 0))).toBe(true);
        expect(arrivalTimes(rate, seconds, seed)).toEqual(times);
      }),
      { numRuns: 20 },
    );
  });

  it('gives exponential gaps, as independent visitors do', () => {
    const times = arrivalTimes(1000, 50, 1);
    const gaps = Array.from(times.subarray(1), (time, at) => time - (times[at] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(1, 1);
    // The standard deviation of an exponential distribution is its mean; that of even spacing would be 0.
    expect(Math.sqrt(variance)).toBeCloseTo(1, 1);
    expect(gaps.filter((gap) => gap > 3).length / gaps.length).toBeCloseTo(Math.exp(-3), 2);
  });
});
