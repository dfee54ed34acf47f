import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

describe('gather', () => {
  it('gives the table row gradients, summed over duplicates and without −1', () => {
    checkGradient(
      (b, table) => {
        const rows = b.gather(table, b.input('items', { dtype: 'i32', rows: 5, cols: 1 }));
        return weightedSum(b, b.multiply(rows, rows));
      },
      [{ rows: 4, cols: 3 }],
      { inputs: { items: Int32Array.of(2, -1, 0, 2, 2) } },
    );
  });

  it('adds the parts of several gathers', () => {
    checkGradient(
      (b, table) => {
        const inputs = b.gather(table, b.input('inputs', { dtype: 'i32', rows: 2, cols: 1 }));
        const columns = b.gather(table, b.input('columns', { dtype: 'i32', rows: 4, cols: 1 }));
        return weightedSum(b, b.tanh(b.matmul(inputs, columns, { transposeB: true })));
      },
      [{ rows: 4, cols: 3 }],
      { inputs: { inputs: Int32Array.of(2, 0), columns: Int32Array.of(0, 3, 2, 3) } },
    );
  });

  it('returns the gradient as indices and unchanged rows', () => {
    const { b, i32 } = builder();
    const indices = i32(2);
    const rows = b.gather(b.variable('table', 'table', 5, 3), indices);
    const gradient = b.gradients(b.sum(b.sum(rows, 1), 0)).get('table');
    expect(gradient).toMatchObject({ kind: 'rows', parts: [{ indices, rows: { rows: 2, cols: 3 } }] });
  });

  it('takes its type from the table and refuses float indices', () => {
    const { b, f32, i32 } = builder();
    expect(b.gather(i32(4), i32(3))).toMatchObject({ dtype: 'i32', rows: 3, cols: 1 });
    expect(() => b.gather(f32(4, 2), f32(3, 1))).toThrow(
      'gather: expected a table and i32 [n, 1] indices, got f32 [4, 2] and f32 [3, 1]',
    );
  });
});
