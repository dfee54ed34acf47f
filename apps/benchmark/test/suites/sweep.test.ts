import { describe, expect, it } from 'vitest';
import { measureSweep, threadCounts } from '../../src/suites/sweep.ts';

describe('threadCounts', () => {
  it.each([
    [1, [1]],
    [2, [1, 2]],
    [6, [1, 2, 4, 6]],
    [8, [1, 2, 4, 8]],
  ])('of %i cores are %j', (cores, counts) => {
    expect(threadCounts(cores)).toEqual(counts);
  });
});

describe('measureSweep', () => {
  it('measures the given sizes, in several passes', () => {
    const lines: string[] = [];
    const points = measureSweep({
      seconds: 0.02,
      rounds: 2,
      engine: { threads: 1 },
      only: /^(items 1000|units 16)$/,
      onTurn: (line) => lines.push(line),
    });
    expect(points.map(({ varied, value, items, units }) => [varied, value, items, units])).toEqual([
      ['items', 1_000, 1_000, 100],
      ['units', 16, 27_000, 16],
    ]);
    expect(lines.length).toBe(4);
    for (const { stepMicroseconds, correctness } of points) {
      expect(stepMicroseconds.median).toBeGreaterThan(0);
      expect(correctness.loss).toBeGreaterThan(0);
    }
  });
});
