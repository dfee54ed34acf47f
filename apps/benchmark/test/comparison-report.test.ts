import { describe, expect, it } from 'vitest';
import { comparisonLines, describeCorrectness, describeWork, sweepLines } from '../src/comparison-report.ts';
import { comparison, point } from './results/rows.ts';

describe('describeCorrectness', () => {
  it('puts counts before their name and shares after it', () => {
    expect(describeCorrectness({ loss: 8.0307, stepsPerSecond: 183.57, events: 34_320 })).toBe(
      'loss 8.031, steps per second 183.6, 34,320 events',
    );
  });
});

describe('describeWork', () => {
  it('adds time and memory if the contestant had its own process', () => {
    const { ours } = comparison;
    expect(describeWork({ ...ours, process: { seconds: 71.26, peakMiB: 4300.4 } })).toBe(
      'loss 8.030, recall 0.1400, 34,320 events; in 71.3 s, 4,300 MiB',
    );
  });
});

describe('comparisonLines', () => {
  it('has one line per contestant, the ratio with its goal, missing peers, and the speed of the machine', () => {
    const lines = comparisonLines([comparison]).map((cells) => cells.join(' | ').trimEnd());
    expect(lines.slice(1)).toEqual([
      'epoch, cross-entropy, 100 units; 2 threads, SIMD',
      '  ours: events/s | 30.0 | 28.0 | 33.0 | 16.7 % | 3 | loss 8.030, recall 0.1400, 34,320 events',
      '  cornac, 1 thread: events/s | 10.0 | 9.00 | 11.0 | 20.0 % | 3 | loss 8.050',
      '  cornac, 2 threads: events/s | 9.00 | 8.00 | 9.00 | 11.1 % | 3 | loss 8.060',
      '  times better than cornac, 1 thread | 3.00 | 2.90 | 3.10 | 6.7 % | 3 | ≥ 2×: reached',
      '  recbole: missing: could not be installed: no wheel',
      '  calibration before → after, M/s: 700 → 690',
    ]);
  });
});

describe('sweepLines', () => {
  it('has one line per point', () => {
    expect(sweepLines([point('nSample', 512, 800)])[1]).toEqual([
      'nSample 512',
      ...['800', '800', '800', '0.0 %', '1', '40,000', '33', '11.500'],
    ]);
  });
});
