import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

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

      it(`shapes ${label}`, () => {
        const { b, f32 } = builder();
        const product = b.matmul(transposeA ? f32(4, 3) : f32(3, 4), transposeB ? f32(2, 4) : f32(4, 2), {
          transposeA,
          transposeB,
        });
        expect(product).toMatchObject({ dtype: 'f32', rows: 3, cols: 2 });
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
