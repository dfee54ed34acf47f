import { expectClose, float32Tolerance } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';

describe('expectClose', () => {
  it('accepts a difference up to absolute + relative · |expected|', () => {
    expectClose([100.15, 0.05], [100, 0], { absolute: 0.06, relative: 0.001 });
  });

  it('reports the first bad index, both values, the bound and the number of bad values', () => {
    const act = (): void =>
      expectClose([1, 2.5, 3, 9], [1, 2, 3, 4], { absolute: 0.25, relative: 0, name: 'loss' });
    expect(act).toThrow('loss[1]: expected 2 ± 0.25, got 2.5; 2 of 4 values differ');
  });

  it('refuses NaN and other lengths, and accepts equal infinities', () => {
    expect(() => expectClose([Number.NaN], [Number.NaN], float32Tolerance)).toThrow('1 of 1 values differ');
    expect(() => expectClose([1, 2], [1], float32Tolerance)).toThrow('values: expected 1 values, got 2');
    expectClose([-Infinity], [-Infinity], float32Tolerance);
  });
});
