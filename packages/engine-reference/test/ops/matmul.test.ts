import { describe, expect, it } from 'vitest';
import { matrix, runOp } from '../run-op.ts';

const a = matrix([1, 2, 3], [4, 5, 6]);
const aT = matrix([1, 4], [2, 5], [3, 6]);
const b = matrix([1, 0], [0, 1], [2, 2]);
const bT = matrix([1, 0, 2], [0, 1, 2]);
const product = [
  [1 + 6, 2 + 6],
  [4 + 12, 5 + 12],
];

describe('matmul', () => {
  it('multiplies with each operand plain or transposed', () => {
    expect(runOp((g, x, y) => g.matmul(x, y), a, b)).toEqual(product);
    expect(runOp((g, x, y) => g.matmul(x, y, { transposeA: true }), aT, b)).toEqual(product);
    expect(runOp((g, x, y) => g.matmul(x, y, { transposeB: true }), a, bT)).toEqual(product);
    expect(runOp((g, x, y) => g.matmul(x, y, { transposeA: true, transposeB: true }), aT, bT)).toEqual(
      product,
    );
  });
});
