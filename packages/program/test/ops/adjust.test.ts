import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

describe('adjust', () => {
  it('keeps the shape of the scores, and refuses rows, scales and values that do not fit', () => {
    const { b, f32 } = builder();
    const rows = b.input('rows', { dtype: 'i32', rows: 2, cols: 3 });
    const fitting = f32(2, 3);
    expect(b.adjust(f32(5, 2), rows, fitting, fitting)).toMatchObject({ rows: 5, cols: 2 });
    const expected =
      'adjust: expected f32 [n, b], i32 [b, k] rows, f32 [b, k] scales and f32 [b, k] values, got';
    expect(() => b.adjust(f32(5, 3), rows, fitting, fitting)).toThrow(
      `${expected} f32 [5, 3] and i32 [2, 3] and f32 [2, 3] and f32 [2, 3]`,
    );
    expect(() => b.adjust(f32(5, 2), rows, f32(2, 4), fitting)).toThrow(expected);
    expect(() => b.adjust(f32(5, 2), rows, fitting, f32(1, 3))).toThrow(expected);
    expect(() => b.adjust(f32(5, 2), fitting, fitting, fitting)).toThrow(expected);
    expect(() => b.adjust(f32(5, 2), rows, rows, fitting)).toThrow(expected);
  });

  it('has no gradient', () => {
    const { b } = builder();
    const x = b.variable('x', 'parameter', 5, 2);
    const one = b.constant(1, 2, 3);
    const adjusted = b.adjust(x, b.input('rows', { dtype: 'i32', rows: 2, cols: 3 }), one, one);
    expect(() => b.gradients(weightedSum(b, adjusted))).toThrow(
      'differentiate: op adjust has no gradient. Put it under stopGradient.',
    );
  });
});
