import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

describe('scatter-rows', () => {
  it('has its gradient, with duplicates, −1 and untouched rows', () => {
    checkGradient(
      (b, rows) => {
        const indices = b.input('indices', { dtype: 'i32', rows: 5, cols: 1 });
        return weightedSum(b, b.tanh(b.scatterRows(b.multiply(rows, rows), indices, 4)));
      },
      [{ rows: 5, cols: 3 }],
      { inputs: { indices: Int32Array.of(2, -1, 0, 2, 2) } },
    );
  });

  it('has the requested number of rows, and refuses another number of indices or float indices', () => {
    const { b, f32, i32 } = builder();
    expect(b.scatterRows(f32(4, 2), i32(4), 9)).toMatchObject({ dtype: 'f32', rows: 9, cols: 2 });
    const expected = 'scatter-rows: expected f32 [n, c] rows and i32 [n, 1] indices, got';
    expect(() => b.scatterRows(f32(4, 2), i32(3), 9)).toThrow(`${expected} f32 [4, 2] and i32 [3, 1]`);
    expect(() => b.scatterRows(f32(4, 2), f32(4, 1), 9)).toThrow(`${expected} f32 [4, 2] and f32 [4, 1]`);
    expect(() => b.scatterRows(i32(4), i32(4), 9)).toThrow(`${expected} i32 [4, 1] and i32 [4, 1]`);
  });
});

describe('merge-rows', () => {
  it('keeps the shape of the rows, and refuses another number of indices', () => {
    const { b, f32, i32 } = builder();
    expect(b.mergeRows(f32(4, 2), i32(4))).toMatchObject({ dtype: 'f32', rows: 4, cols: 2 });
    expect(() => b.mergeRows(f32(4, 2), i32(3))).toThrow(
      'merge-rows: expected f32 [n, c] rows and i32 [n, 1] indices, got f32 [4, 2] and i32 [3, 1]',
    );
  });

  it('has no gradient', () => {
    const { b, i32 } = builder();
    const w = b.variable('w', 'parameter', 4, 2);
    expect(() => b.gradients(weightedSum(b, b.mergeRows(w, i32(4))))).toThrow(
      'op merge-rows has no gradient',
    );
  });
});
