import { describe, expect, it } from 'vitest';
import { drawSteps, ITEMS, itemSupport, stepConfigs } from '../src/workload.ts';

describe('itemSupport', () => {
  it('is long-tailed, and popular items are all over the table', () => {
    const support = itemSupport();
    expect(support.length).toBe(ITEMS);
    const sorted = Float64Array.from(support).sort().reverse();
    expect(sorted[0]! / sorted[ITEMS / 2]!).toBeGreaterThan(100);
    const top = [...sorted.slice(0, 8)].map((s) => support.indexOf(s));
    expect(Math.max(...top) - Math.min(...top)).toBeGreaterThan(ITEMS / 4);
  });

  it('is the same at every call', () => {
    expect(itemSupport()).toEqual(itemSupport());
  });
});

describe('drawSteps', () => {
  it.each(Object.values(stepConfigs))('draws full steps of known items for $loss', (config) => {
    const steps = drawSteps(config);
    const [first, second] = steps;
    expect(first!.batch.input.length).toBe(config.batchSize);
    expect(first!.samples.length).toBe(config.nSample);
    expect(first!.samples).not.toEqual(second!.samples);
    for (const { batch, samples } of steps) {
      const all = [...batch.input, ...batch.target, ...samples];
      expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...all)).toBeLessThan(ITEMS);
    }
  });
});
