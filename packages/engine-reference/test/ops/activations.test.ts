import { describe, expect, it } from 'vitest';
import { matrix, runOp } from '../run-op.ts';

const x = matrix([-2, 0, 0.5]);

describe('activations', () => {
  it('computes sigmoid and tanh, and saturates them', () => {
    expect(runOp((b, v) => b.sigmoid(v), x)).toEqual([
      [1 / (1 + Math.exp(2)), 1 / 2, 1 / (1 + Math.exp(-0.5))],
    ]);
    expect(runOp((b, v) => b.tanh(v), x)).toEqual([[Math.tanh(-2), 0, Math.tanh(0.5)]]);
    expect(runOp((b, v) => b.sigmoid(v), matrix([-1e4, 1e4]))).toEqual([[0, 1]]);
    expect(runOp((b, v) => b.tanh(v), matrix([-1e4, 1e4]))).toEqual([[-1, 1]]);
  });

  it('computes step, relu, leaky-relu and elu on both sides of zero', () => {
    expect(runOp((b, v) => b.step(v), x)).toEqual([[0, 0, 1]]);
    expect(runOp((b, v) => b.relu(v), x)).toEqual([[0, 0, 0.5]]);
    expect(runOp((b, v) => b.leakyRelu(v, 0.25), x)).toEqual([[-0.5, 0, 0.5]]);
    expect(runOp((b, v) => b.elu(v, 3), x)).toEqual([[3 * Math.expm1(-2), 0, 0.5]]);
  });

  it('computes exp, log and sqrt', () => {
    expect(runOp((b, v) => b.exp(v), x)).toEqual([[Math.exp(-2), 1, Math.exp(0.5)]]);
    expect(runOp((b, v) => b.log(v), matrix([1, 0.5, 0]))).toEqual([[0, -Math.LN2, -Infinity]]);
    expect(runOp((b, v) => b.sqrt(v), matrix([0, 9, 0.25]))).toEqual([[0, 3, 0.5]]);
  });
});
