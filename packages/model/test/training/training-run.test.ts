import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../src/training/training-run.ts';

const steady = { learningRate: 0.2, warmupSteps: 0, learningRateDecay: 'none' } as const;

describe('learningRateAt', () => {
  it('rises linearly over the warm-up steps, and falls linearly with the events', () => {
    const warm = { ...steady, warmupSteps: 4 };
    const falling = { ...steady, learningRateDecay: 'linear' } as const;
    expect([0, 1e6].map((step) => learningRateAt(steady, step, 0.9))).toEqual([0.2, 0.2]);
    const rates = [0, 1, 2, 3, 4].map((step) => learningRateAt(warm, step, 0));
    expect(rates).toEqual([0.25, 0.5, 0.75, 1, 1].map((share) => 0.2 * share));
    expect([0, 0.25, 0.5].map((share) => learningRateAt(falling, 100, share))).toEqual([
      0.2,
      0.2 * 0.75,
      0.1,
    ]);
    expect(learningRateAt({ ...falling, warmupSteps: 2 }, 0, 0.5)).toBe(0.2 * 0.5 * 0.5);
  });
});
