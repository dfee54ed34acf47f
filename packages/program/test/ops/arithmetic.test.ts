import type { Graph, Tensor } from '@gru4rec/program';
import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

const ops: Readonly<Record<string, (g: Graph, a: Tensor, b: Tensor) => Tensor>> = {
  add: (g, a, b) => g.add(a, b),
  subtract: (g, a, b) => g.subtract(a, b),
  multiply: (g, a, b) => g.multiply(a, b),
  divide: (g, a, b) => g.divide(a, b),
};

const pairs = [
  [3, 4, 3, 4],
  [1, 4, 3, 4],
  [3, 4, 3, 1],
  [3, 1, 3, 4],
  [1, 1, 3, 4],
  [3, 1, 1, 4],
  [1, 1, 1, 1],
] as const;

describe('arithmetic', () => {
  for (const [name, apply] of Object.entries(ops)) {
    for (const [aRows, aCols, bRows, bCols] of pairs) {
      it(`gives ${name} of [${aRows}, ${aCols}] and [${bRows}, ${bCols}] its gradients`, () => {
        checkGradient(
          (g, a, b) => weightedSum(g, apply(g, a, b)),
          [
            { rows: aRows, cols: aCols, low: 0.5, high: 2 },
            { rows: bRows, cols: bCols, low: 0.5, high: 2 },
          ],
        );
      });
    }

    it(`broadcasts rows and columns in ${name} and refuses other extents`, () => {
      const { b, f32, i32 } = builder();
      expect(apply(b, f32(3, 1), f32(1, 4))).toMatchObject({ rows: 3, cols: 4 });
      const expected = `${name}: expected two f32 tensors whose extents are equal or 1, got`;
      expect(() => apply(b, f32(3, 4), f32(2, 4))).toThrow(`${expected} f32 [3, 4] and f32 [2, 4]`);
      expect(() => apply(b, f32(3, 4), f32(3, 2))).toThrow(`${expected} f32 [3, 4] and f32 [3, 2]`);
      expect(() => apply(b, f32(3, 1), i32(3))).toThrow(`${expected} f32 [3, 1] and i32 [3, 1]`);
    });
  }

  it('gives affine its gradient and drops 1·x + 0', () => {
    checkGradient((g, x) => weightedSum(g, g.affine(x, -2.5, 3)), [{ rows: 2, cols: 3 }]);
    const { b, f32 } = builder();
    const x = f32(2, 2);
    expect(b.affine(x, 1, 0)).toBe(x);
  });
});

describe('matmul', () => {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const label = `${transposeA ? 'aᵀ' : 'a'}·${transposeB ? 'bᵀ' : 'b'}`;
      it(`gives ${label} its gradients`, () => {
        checkGradient(
          (g, a, b) => weightedSum(g, g.matmul(a, b, { transposeA, transposeB })),
          [
            transposeA ? { rows: 4, cols: 3 } : { rows: 3, cols: 4 },
            transposeB ? { rows: 2, cols: 4 } : { rows: 4, cols: 2 },
          ],
        );
      });
    }
  }

  it('adds both gradients of x·xᵀ', () => {
    checkGradient((g, x) => weightedSum(g, g.matmul(x, x, { transposeB: true })), [{ rows: 3, cols: 4 }]);
  });

  it('refuses inner extents that differ and indices', () => {
    const { b, f32, i32 } = builder();
    expect(() => b.matmul(f32(3, 4), f32(3, 4))).toThrow(
      'matmul: expected equal inner extents, got f32 [3, 4] and f32 [3, 4]',
    );
    expect(() => b.matmul(f32(3, 4), i32(4))).toThrow(
      'matmul: expected two f32 matrices, got f32 [3, 4] and i32 [4, 1]',
    );
  });
});
