import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../src/training/training-run.ts';

const steady = { learningRate: 0.2, warmupSteps: 0, learningRateDecay: 'none' } as const;

describe('learningRateAt', () => {
  it('is the configured rate without warm-up and decay', () => {
    expect([0, 7, 1e6].map((step) => learningRateAt(steady, step, 0.9))).toEqual([0.2, 0.2, 0.2]);
  });

  it('rises linearly over the warm-up steps, and reaches the rate at the last one', () => {
    const config = { ...steady, warmupSteps: 4 };
    const rates = [0, 1, 2, 3, 4].map((step) => learningRateAt(config, step, 0));
    expect(rates).toEqual([0.25, 0.5, 0.75, 1, 1].map((share) => 0.2 * share));
  });

  it('falls linearly with the number of events', () => {
    const config = { ...steady, learningRateDecay: 'linear' } as const;
    expect([0, 0.25, 0.5].map((share) => learningRateAt(config, 100, share))).toEqual([0.2, 0.2 * 0.75, 0.1]);
  });

  it('rises and falls at the same time', () => {
    const config = { learningRate: 0.2, warmupSteps: 2, learningRateDecay: 'linear' } as const;
    expect(learningRateAt(config, 0, 0.5)).toBe(0.2 * 0.5 * 0.5);
  });
});
