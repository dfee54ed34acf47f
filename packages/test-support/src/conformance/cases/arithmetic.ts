import type { Tensor } from '@gru4rec/program';
import { shapes, type Trial } from '../trial.ts';
import type { OpCase } from './activations.ts';

function binary(op: string, apply: (trial: Trial, a: Tensor, b: Tensor) => Tensor, low = -2): OpCase {
  return (trial) => {
    for (const { rows, cols } of shapes) {
      const pairs: readonly (readonly [number, number, number, number])[] = [
        [rows, cols, rows, cols],
        [rows, cols, 1, cols],
        [1, cols, rows, cols],
        [rows, cols, rows, 1],
        [rows, 1, rows, cols],
        [rows, cols, 1, 1],
        [1, 1, rows, cols],
        [rows, 1, 1, cols],
        [1, cols, rows, 1],
      ];
      const distinct = new Map(pairs.map((pair) => [pair.join(), pair]));
      for (const [aRows, aCols, bRows, bCols] of distinct.values()) {
        const [a, b] = [trial.uniform(aRows, aCols, low, 2), trial.uniform(bRows, bCols, low, 2)];
        const label = `[${aRows}, ${aCols}] ${op} [${bRows}, ${bCols}] for [${rows}, ${cols}]`;
        trial.check(label, apply(trial, a, b));
      }
    }
    const x = trial.uniform(7, 10, low, 2);
    trial.check(`x ${op} x`, apply(trial, x, x));
  };
}

export const add: OpCase = binary('+', (t, a, b) => t.builder.add(a, b));
export const subtract: OpCase = binary('−', (t, a, b) => t.builder.subtract(a, b));
export const multiply: OpCase = binary('∘', (t, a, b) => t.builder.multiply(a, b));
export const divide: OpCase = binary('/', (t, a, b) => t.builder.divide(a, b), 0.25);

export const affine: OpCase = (trial) => {
  for (const { rows, cols } of shapes) {
    const x = trial.uniform(rows, cols);
    trial.check(`1 − x, [${rows}, ${cols}]`, trial.builder.affine(x, -1, 1));
    trial.check(`x / 4, [${rows}, ${cols}]`, trial.builder.affine(x, 0.25, 0));
    trial.check(`x + 3, [${rows}, ${cols}]`, trial.builder.affine(x, 1, 3));
  }
};
