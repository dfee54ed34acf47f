import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

describe('dropout-mask', () => {
  it('passes the gradient of its other factor', () => {
    checkGradient(
      (b, x) => {
        const philox = b.input('philox', { dtype: 'i32', rows: 4, cols: 1 });
        return weightedSum(b, b.multiply(b.tanh(x), b.dropoutMask(philox, x, 0.4, 1)));
      },
      [{ rows: 3, cols: 5 }],
      { inputs: { philox: Int32Array.of(5, 0, 2, 0) } },
    );
  });

  it('refuses other counters and shares outside [0, 1)', () => {
    const { b, i32 } = builder();
    const shape = { rows: 2, cols: 2 };
    expect(() => b.dropoutMask(i32(2), shape, 0.5, 0)).toThrow(
      'dropout-mask: expected i32 [4, 1]: key low, key high, step low, step high, got i32 [2, 1]',
    );
    for (const p of [-0.1, 1, Number.NaN]) {
      expect(() => b.dropoutMask(i32(4), shape, p, 0)).toThrow(
        `dropout-mask: "p" expected 0 ≤ p < 1, got ${p}`,
      );
    }
  });
});
