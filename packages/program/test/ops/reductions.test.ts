import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

describe('sum', () => {
  for (const axis of [0, 1] as const) {
    it(`has its gradient over axis ${axis}`, () => {
      checkGradient((g, x) => weightedSum(g, g.sum(g.tanh(x), axis)), [{ rows: 3, cols: 4 }]);
    });
  }
});

describe('max', () => {
  it('shifts a softmax under stopGradient', () => {
    checkGradient(
      (g, x) => {
        const shifted = g.subtract(x, g.stopGradient(g.max(x, 1)));
        return weightedSum(g, g.subtract(shifted, g.log(g.sum(g.exp(shifted), 1))));
      },
      [{ rows: 3, cols: 4 }],
    );
  });
});

describe('broadcast', () => {
  for (const [rows, cols] of [
    [1, 4],
    [3, 1],
    [1, 1],
  ] as const) {
    it(`has its gradient from [${rows}, ${cols}]`, () => {
      checkGradient((g, x) => weightedSum(g, g.tanh(g.broadcast(x, 3, 4))), [{ rows, cols }]);
    });
  }

  it('drops a broadcast without effect and refuses different extents', () => {
    const { b, f32 } = builder();
    const x = f32(3, 4);
    expect(b.broadcast(x, 3, 4)).toBe(x);
    expect(() => b.broadcast(x, 6, 4)).toThrow('broadcast: expected extents of 1 or [6, 4], got f32 [3, 4]');
  });
});

describe('stop-gradient', () => {
  it('passes no gradient, of rows neither', () => {
    const { b, i32 } = builder();
    const x = b.variable('x', 'parameter', 2, 3);
    const rows = b.gather(b.stopGradient(b.tanh(x)), i32(4));
    expect(b.gradients(weightedSum(b, rows)).size).toBe(0);
  });
});
