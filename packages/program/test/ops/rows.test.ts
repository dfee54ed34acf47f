import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/tensor.ts';
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

  it('takes its type from the table and refuses float indices', () => {
    const { b, f32, i32 } = builder();
    expect(b.gather(i32(4), i32(3))).toMatchObject({ dtype: 'i32', rows: 3, cols: 1 });
    expect(() => b.gather(f32(4, 2), f32(3, 1))).toThrow(
      'gather: expected a table and i32 [n, 1] indices, got f32 [4, 2] and f32 [3, 1]',
    );
  });
});

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
    const expected = 'scatter-rows: expected f32 [n, c] rows and i32 [n·k, 1] indices, got';
    expect(() => b.scatterRows(f32(4, 2), i32(3), 9)).toThrow(`${expected} f32 [4, 2] and i32 [3, 1]`);
    expect(() => b.scatterRows(f32(4, 2), f32(4, 1), 9)).toThrow(expected);
    expect(() => b.scatterRows(i32(4), i32(4), 9)).toThrow(expected);
  });
});

/** Up to three of five table rows per row, with a duplicate and −1 in all places. */
const several = Int32Array.of(2, -1, 0, 2, 2, 1, -1, -1, -1, -1, 4, 4);

describe('rows with several indices', () => {
  it('have their gradients in scatter-rows and, for x, in add-rows', () => {
    checkGradient(
      (b, x) => {
        const indices = b.input('indices', { dtype: 'i32', rows: 12, cols: 1 });
        const sums = b.scatterRows(b.multiply(x, x), indices, 5);
        const added = b.addRows(b.tanh(x), b.constant(0.3, 5, 3), indices);
        return weightedSum(b, b.concat(b.tanh(sums), b.tanh(added)));
      },
      [{ rows: 4, cols: 3 }],
      { inputs: { indices: several } },
    );
  });

  it('give rows of the table in add-rows, or a whole gradient where the table is read as a whole', () => {
    const { b, i32 } = builder();
    const x = b.variable('x', 'parameter', 4, 3);
    const [rows, whole] = ['rows', 'whole'].map((name) => b.variable(name, 'table', 5, 3)) as [
      Tensor,
      Tensor,
    ];
    const added = b.addRows(b.addRows(x, rows, i32(12)), whole, i32(8));
    const gradients = b.gradients(weightedSum(b, b.concat(added, b.tanh(whole))));
    expect(gradients.get('rows')).toMatchObject({
      kind: 'rows',
      parts: [{ indices: { rows: 12 }, rows: { rows: 4 } }],
    });
    expect(gradients.get('whole')).toMatchObject({ kind: 'dense', tensor: { rows: 5, cols: 3 } });
  });

  it('refuses rows of another width, and other numbers of indices', () => {
    const { b, f32, i32 } = builder();
    expect(b.addRows(f32(4, 2), f32(9, 2), i32(12))).toMatchObject({ dtype: 'f32', rows: 4, cols: 2 });
    const expected = 'add-rows: expected f32 [n, c], an f32 table [m, c] and i32 [n·k, 1] indices, got';
    expect(() => b.addRows(f32(4, 2), f32(9, 3), i32(4))).toThrow(`${expected} f32 [4, 2] and f32 [9, 3]`);
    expect(() => b.addRows(f32(4, 2), f32(9, 2), i32(6))).toThrow(expected);
    expect(() => b.addRows(f32(4, 2), f32(9, 2), f32(4, 1))).toThrow(expected);
  });
});

describe('merge-rows', () => {
  it('keeps the shape of the rows, and refuses another number of indices', () => {
    const { b, f32, i32 } = builder();
    expect(b.mergeRows(f32(4, 2), i32(4))).toMatchObject({ dtype: 'f32', rows: 4, cols: 2 });
    expect(() => b.mergeRows(f32(4, 2), i32(3))).toThrow(
      'merge-rows: expected f32 [n, c] rows and i32 [n·k, 1] indices, got f32 [4, 2] and i32 [3, 1]',
    );
  });
});
