import { describe, expect, it } from 'vitest';
import { matrix, runOp } from '../run-op.ts';

const x = matrix([-1, -5, -3], [-4, -2, -6]);

describe('reductions', () => {
  it('sums over rows for axis 0 and over columns for axis 1', () => {
    expect(runOp((b, v) => b.sum(v, 0), x)).toEqual([[-5, -7, -9]]);
    expect(runOp((b, v) => b.sum(v, 1), x)).toEqual([[-9], [-12]]);
  });

  it('gives the maximum, of negative values too', () => {
    expect(runOp((b, v) => b.max(v, 0), x)).toEqual([[-1, -2, -3]]);
    expect(runOp((b, v) => b.max(v, 1), x)).toEqual([[-1], [-2]]);
  });

  it('broadcasts rows, columns and scalars', () => {
    expect(runOp((b, v) => b.broadcast(v, 2, 2), matrix([1, 2]))).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(runOp((b, v) => b.broadcast(v, 2, 2), matrix([1], [2]))).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(runOp((b, v) => b.broadcast(v, 2, 1), matrix([1]))).toEqual([[1], [1]]);
  });

  it('passes values unchanged through stop-gradient', () => {
    expect(runOp((b, v) => b.stopGradient(v), x)).toEqual(x.rows);
  });
});
