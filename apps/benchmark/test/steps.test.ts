import { createWasmEngine } from '@gru4rec/engine-wasm';
import { describe, expect, it } from 'vitest';
import { ITEMS, itemSupport, measuredStep, StepTrainer } from '../src/steps.ts';

describe('itemSupport', () => {
  it('is long-tailed, and popular items are all over the table', () => {
    const support = itemSupport();
    expect(support.length).toBe(ITEMS);
    const sorted = Float64Array.from(support).sort().reverse();
    expect(sorted[0]! / sorted[ITEMS / 2]!).toBeGreaterThan(100);
    const top = [...sorted.slice(0, 8)].map((s) => support.indexOf(s));
    expect(Math.max(...top) - Math.min(...top)).toBeGreaterThan(ITEMS / 4);
    expect(itemSupport()).toEqual(support);
  });
});

describe('StepTrainer', () => {
  it.each(['cross-entropy', 'bpr-max'] as const)('repeats the same steps of %s', (loss) => {
    const { name, config } = measuredStep(loss, { units: 8, nSample: 64 });
    expect(name).toBe(`${loss === 'bpr-max' ? 'BPR-max' : loss}, 8 units, batch 32, 64 samples`);
    const losses = [3, 3, 4].map((steps) => {
      const trainer = new StepTrainer(config, createWasmEngine({ threads: 1 }), 500);
      trainer.train(steps);
      return trainer.loss;
    });
    expect(losses[0]).toBeGreaterThan(0);
    expect(losses[1]).toBe(losses[0]);
    expect(losses[2]).not.toBe(losses[0]);
  });
});
