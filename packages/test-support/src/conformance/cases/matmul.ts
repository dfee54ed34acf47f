import type { OpCase } from './activations.ts';

const outer: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 18],
  [2, 3],
  [7, 10],
  [33, 7],
  [33, 16],
  [3, 70],
];

export const matmul: OpCase = (trial) => {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      for (const inner of [1, 5, 100, 130, 300]) {
        for (const [rows, cols] of outer) {
          const a = trial.uniform(
            ...(transposeA ? ([inner, rows] as const) : ([rows, inner] as const)),
            -0.5,
            0.5,
          );
          const b = trial.uniform(
            ...(transposeB ? ([cols, inner] as const) : ([inner, cols] as const)),
            -0.5,
            0.5,
          );
          const label = `${transposeA ? 'aᵀ' : 'a'} · ${transposeB ? 'bᵀ' : 'b'}, [${rows}, ${inner}, ${cols}]`;
          trial.check(label, trial.builder.matmul(a, b, { transposeA, transposeB }));
        }
      }
    }
  }
  const x = trial.uniform(7, 18);
  trial.check('x · xᵀ', trial.builder.matmul(x, x, { transposeB: true }));
  trial.check('xᵀ · x', trial.builder.matmul(x, x, { transposeA: true }));
};
