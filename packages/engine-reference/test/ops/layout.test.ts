import { describe, expect, it } from 'vitest';
import { indices, matrix, runOp } from '../run-op.ts';

const x = matrix([1, 2], [3, 4], [5, 6]);

describe('layout', () => {
  it('transposes', () => {
    expect(runOp((b, v) => b.transpose(v), x)).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  it('gives the diagonal of the upper square', () => {
    expect(runOp((b, v) => b.diagonal(v), x)).toEqual([[1, 4]]);
  });

  it('writes a row on a diagonal, zeros elsewhere', () => {
    expect(runOp((b, v) => b.fromDiagonal(v, 3), matrix([7, 8]))).toEqual([
      [7, 0],
      [0, 8],
      [0, 0],
    ]);
  });

  it('stacks and slices rows, of floats and of indices', () => {
    expect(runOp((b, v, w) => b.concat(v, w), matrix([1, 2]), matrix([3, 4], [5, 6]))).toEqual(x.rows);
    expect(runOp((b, v, w) => b.concat(v, w), indices(4, -1), indices(2))).toEqual([[4], [-1], [2]]);
    expect(runOp((b, v) => b.slice(v, 1, 3), x)).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(runOp((b, v) => b.slice(v, 1, 2), indices(4, -1, 2))).toEqual([[-1]]);
  });
});
