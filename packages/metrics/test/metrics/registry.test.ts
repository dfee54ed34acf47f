import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapMetrics, metricNames, metrics } from '../../src/metrics/registry.ts';

describe.each(Object.entries(metrics))('%s', (_name, { of }) => {
  it('is in [0, 1]', () => {
    const rank = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(Number.POSITIVE_INFINITY));
    const ranks = fc.uniqueArray(rank, { minLength: 1 });
    fc.assert(
      fc.property(ranks, fc.integer({ min: 1, max: 30 }), (ranks, cutoff) => {
        expect(of(ranks, cutoff)).toBeGreaterThanOrEqual(0);
        expect(of(ranks, cutoff)).toBeLessThanOrEqual(1 + 1e-12);
      }),
      { seed: 1 },
    );
  });
});

describe('mapMetrics', () => {
  it('keeps the order of the registry', () => {
    expect(Object.entries(mapMetrics((name) => name))).toEqual(metricNames.map((name) => [name, name]));
  });
});
