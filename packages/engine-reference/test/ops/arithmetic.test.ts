import { describe, expect, it } from 'vitest';
import { matrix, runOp } from '../run-op.ts';

const a = matrix([6, 8, 10], [1, 2, 3]);

describe('arithmetic', () => {
  it('works element by element', () => {
    const b = matrix([2, 4, 5], [1, 1, 2]);
    expect(runOp((g, x, y) => g.add(x, y), a, b)).toEqual([
      [8, 12, 15],
      [2, 3, 5],
    ]);
    expect(runOp((g, x, y) => g.subtract(x, y), a, b)).toEqual([
      [4, 4, 5],
      [0, 1, 1],
    ]);
    expect(runOp((g, x, y) => g.multiply(x, y), a, b)).toEqual([
      [12, 32, 50],
      [1, 2, 6],
    ]);
    expect(runOp((g, x, y) => g.divide(x, y), a, b)).toEqual([
      [3, 2, 2],
      [1, 2, 1.5],
    ]);
  });

  it('broadcasts a row, a column and a scalar on either side', () => {
    const row = matrix([1, 2, 3]);
    const column = matrix([10], [20]);
    expect(runOp((g, x, y) => g.subtract(x, y), a, row)).toEqual([
      [5, 6, 7],
      [0, 0, 0],
    ]);
    expect(runOp((g, x, y) => g.subtract(x, y), column, a)).toEqual([
      [4, 2, 0],
      [19, 18, 17],
    ]);
    expect(runOp((g, x, y) => g.subtract(x, y), matrix([1]), a)).toEqual([
      [-5, -7, -9],
      [0, -1, -2],
    ]);
    expect(runOp((g, x, y) => g.add(x, y), row, column)).toEqual([
      [11, 12, 13],
      [21, 22, 23],
    ]);
  });

  it('computes scale·x + shift', () => {
    expect(runOp((g, x) => g.affine(x, -2, 1), a)).toEqual([
      [-11, -15, -19],
      [-1, -3, -5],
    ]);
  });
});
