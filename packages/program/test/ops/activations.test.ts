import type { Graph, Tensor } from '@gru4rec/program';
import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

const ops: Readonly<Record<string, { apply: (g: Graph, x: Tensor) => Tensor; low: number }>> = {
  sigmoid: { apply: (g, x) => g.sigmoid(x), low: -3 },
  tanh: { apply: (g, x) => g.tanh(x), low: -3 },
  step: { apply: (g, x) => g.multiply(g.step(x), x), low: -3 },
  relu: { apply: (g, x) => g.relu(x), low: -3 },
  'leaky-relu': { apply: (g, x) => g.leakyRelu(x, 0.2), low: -3 },
  elu: { apply: (g, x) => g.elu(x, 0.7), low: -3 },
  exp: { apply: (g, x) => g.exp(x), low: -3 },
  log: { apply: (g, x) => g.log(x), low: 0.2 },
  sqrt: { apply: (g, x) => g.sqrt(x), low: 0.2 },
};

describe('activations', () => {
  it.each(Object.entries(ops))('gives %s the gradient of its finite differences', (_name, { apply, low }) => {
    checkGradient((b, x) => weightedSum(b, apply(b, x)), [{ rows: 3, cols: 5, low, high: 3 }]);
  });

  it('takes one float tensor', () => {
    const { b, i32 } = builder();
    expect(() => b.sigmoid(i32(3))).toThrow('sigmoid: expected one f32 tensor, got i32 [3, 1]');
    expect(() => b.apply('tanh', [])).toThrow('tanh: expected one f32 tensor, got ');
  });
});
