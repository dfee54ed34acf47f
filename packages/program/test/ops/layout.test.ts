import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

describe('transpose', () => {
  it('swaps the extents and has its gradient', () => {
    checkGradient((g, x) => weightedSum(g, g.transpose(g.tanh(x))), [{ rows: 2, cols: 3 }]);
    const { b, f32 } = builder();
    expect(b.transpose(f32(2, 3))).toMatchObject({ rows: 3, cols: 2 });
  });

  it('keeps indices', () => {
    const { b, f32 } = builder();
    expect(b.transpose(b.topIndices(f32(5, 2), 3))).toMatchObject({ dtype: 'i32', rows: 2, cols: 3 });
  });
});

describe('diagonal', () => {
  it('has its gradient, rows below the diagonal included', () => {
    checkGradient((g, x) => weightedSum(g, g.diagonal(g.tanh(x))), [{ rows: 5, cols: 3 }]);
  });

  it('refuses fewer rows than columns', () => {
    const { b, f32 } = builder();
    expect(b.diagonal(f32(4, 3))).toMatchObject({ rows: 1, cols: 3 });
    expect(() => b.diagonal(f32(2, 3))).toThrow(
      'diagonal: expected at least as many rows as columns, got f32 [2, 3]',
    );
  });
});

describe('from-diagonal', () => {
  it('has its gradient', () => {
    checkGradient((g, x) => weightedSum(g, g.fromDiagonal(g.tanh(x), 5)), [{ rows: 1, cols: 3 }]);
  });

  it('refuses a column and too few rows', () => {
    const { b, f32 } = builder();
    expect(b.fromDiagonal(f32(1, 3), 4)).toMatchObject({ rows: 4, cols: 3 });
    expect(() => b.fromDiagonal(f32(1, 3), 2)).toThrow('from-diagonal: expected [1, n ≤ 2], got f32 [1, 3]');
    expect(() => b.fromDiagonal(f32(2, 3), 4)).toThrow('from-diagonal: expected [1, n ≤ 4], got f32 [2, 3]');
  });
});

describe('concat', () => {
  it('has its gradients', () => {
    checkGradient(
      (g, a, b) => weightedSum(g, g.tanh(g.concat(a, b))),
      [
        { rows: 2, cols: 3 },
        { rows: 1, cols: 3 },
      ],
    );
  });

  it('joins indices, and refuses other widths and types', () => {
    const { b, f32, i32 } = builder();
    const expected = 'concat: expected two tensors of equal type and columns, got';
    expect(b.concat(i32(2), i32(3))).toMatchObject({ dtype: 'i32', rows: 5, cols: 1 });
    expect(() => b.concat(f32(2, 3), f32(2, 2))).toThrow(`${expected} f32 [2, 3] and f32 [2, 2]`);
    expect(() => b.concat(f32(2, 1), i32(2))).toThrow(`${expected} f32 [2, 1] and i32 [2, 1]`);
  });
});

describe('slice', () => {
  for (const [from, to] of [
    [0, 2],
    [1, 3],
    [2, 4],
    [0, 4],
  ] as const) {
    it(`has its gradient for rows ${from} to ${to} of 4`, () => {
      checkGradient((g, x) => weightedSum(g, g.tanh(g.slice(x, from, to))), [{ rows: 4, cols: 3 }]);
    });
  }

  it('refuses rows outside the tensor and an empty range', () => {
    const { b, f32 } = builder();
    expect(b.slice(f32(4, 3), 1, 3)).toMatchObject({ rows: 2, cols: 3 });
    for (const [from, to] of [
      [-1, 2],
      [3, 5],
      [2, 2],
    ] as const) {
      expect(() => b.slice(f32(4, 3), from, to)).toThrow(
        `slice: expected a tensor with rows ${from} to ${to}, got f32 [4, 3]`,
      );
    }
  });
});
