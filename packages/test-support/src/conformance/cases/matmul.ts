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
  checkOntoRow(trial);
  checkTransposedOntoRow(trial);
  const x = trial.uniform(7, 18);
  trial.check('x · xᵀ', trial.builder.matmul(x, x, { transposeB: true }));
  trial.check('xᵀ · x', trial.builder.matmul(x, x, { transposeA: true }));
};

/** One row times a matrix, plus a row. An engine may accumulate the product in the row, wherever the row comes from. */
const checkOntoRow: OpCase = (trial) => {
  const { builder: b } = trial;
  for (const cols of [1, 3, 18, 70]) {
    const product = () => b.matmul(trial.uniform(1, 9), trial.uniform(cols, 9), { transposeB: true });
    const rows = {
      'a transposed column': b.transpose(trial.uniform(cols, 1)),
      'a computed row': b.affine(trial.uniform(1, cols), 2, 1),
      'another product': product(),
    };
    for (const [label, row] of Object.entries(rows)) {
      trial.check(`a · bᵀ + ${label}, [1, ${cols}]`, b.add(product(), row));
      trial.check(`${label} + a · bᵀ, [1, ${cols}]`, b.add(row, product()));
      trial.check(`${label} afterwards, [1, ${cols}]`, row);
    }
  }
};

/**
 * A transposed matrix times another, plus a row: TensorFlow fuses them into a kernel that needs the row as a vector.
 */
const checkTransposedOntoRow: OpCase = (trial) => {
  const { builder: b } = trial;
  for (const transposeB of [false, true]) {
    for (const cols of [1, 3, 18, 70]) {
      const sum = () => {
        const right = transposeB ? trial.uniform(cols, 9) : trial.uniform(9, cols);
        const product = b.matmul(trial.uniform(9, 5), right, { transposeA: true, transposeB });
        return b.add(product, trial.uniform(1, cols));
      };
      const label = `aᵀ · ${transposeB ? 'bᵀ' : 'b'} + row, [5, ${cols}]`;
      trial.check(label, sum());
      trial.check(`sigmoid of ${label}`, b.sigmoid(sum()));
    }
  }
};
