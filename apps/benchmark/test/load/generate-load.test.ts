import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { arrivalTimes, loadAtRate, loadAtSaturation } from '../../src/load/generate-load.ts';
import { replayOf } from '../../src/load/load-server.ts';

/** Sessions of three clicks, to a server in this process that records what it gets. */
function target(answer: (request: number) => Promise<number> | number) {
  const log = {
    itemIds: ['a', 'b', 'c'],
    sessionOffsets: Int32Array.of(0, 3),
    items: Int32Array.of(0, 1, 2),
  };
  const next = replayOf(log, 'r');
  const seen: Record<string, string> = {};
  let requests = 0;
  const send = async (visitor: number): Promise<number> => {
    const { sessionId, item } = next(visitor);
    seen[sessionId] = `${seen[sessionId] ?? ''}${item}(`;
    const status = await answer(requests++);
    seen[sessionId] += ')';
    return status;
  };
  return { send, seen };
}

describe('loadAtRate', () => {
  it('sends every click, none early, each session in order and one click at a time', async () => {
    const arrivals = Float64Array.from({ length: 60 }, (_, at) => Math.floor(at / 3) * 5);
    const { send, seen } = target(() => setTimeout(12, 200));
    const { answered, errors, lateness } = await loadAtRate(send, 7, arrivals);
    expect([answered, errors]).toEqual([60, 0]);
    // What is sent early has no positive lateness.
    expect(lateness.p50).toBeGreaterThan(0.001);
    for (const clicks of Object.values(seen)) expect('a()b()c()'.startsWith(clicks)).toBe(true);
  });

  it('charges a stalled server for every click that it delays, which a closed loop does not', async () => {
    const stalling = () => {
      let stall: Promise<number> | undefined;
      return target((request) => {
        stall ??= setTimeout(300, 200);
        // The generator is busy itself: what arrives meanwhile is sent late.
        for (const end = performance.now() + 50; request === 0 && performance.now() < end; );
        return stall;
      }).send;
    };
    const arrivals = Float64Array.from({ length: 30 }, (_, at) => at * 10);
    const open = await loadAtRate(stalling(), 2, arrivals);
    // The click at t ms waits for 300 − t ms.
    expect(open.latencies.max).toBeGreaterThan(295);
    expect(open.latencies.p50).toBeGreaterThan(100);
    expect(open.lateness.max).toBeGreaterThan(25);
    const closed = await loadAtSaturation(stalling(), 2, { seconds: 10, requests: 30 });
    expect(closed.latencies.max).toBeGreaterThan(295);
    expect(closed.latencies.p50).toBeLessThan(50);
  });
});

it('arrivalTimes has the exponential gaps of independent visitors', () => {
  const times = arrivalTimes(1000, 50, 1);
  const gaps = Array.from(times.subarray(1), (time, at) => time - (times[at] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(gaps).toHaveLength(49_999);
  expect(mean).toBeCloseTo(1, 1);
  // The standard deviation of an exponential distribution is its mean; that of even spacing would be 0.
  expect(Math.sqrt(variance)).toBeCloseTo(1, 1);
});
