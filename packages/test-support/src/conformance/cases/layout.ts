import { heights, shapes, widths } from '../trial.ts';
import type { OpCase } from './activations.ts';

export const transpose: OpCase = (trial) => {
  for (const { rows, cols } of shapes) {
    const x = trial.uniform(rows, cols);
    if (rows * cols > 1) trial.check(`[${rows}, ${cols}]`, trial.builder.transpose(x));
  }
  const b = trial.builder;
  trial.check('indices', b.transpose(trial.indices(9, 5)));
  // Indices of a whole row and a whole matrix, as ops compute them.
  const scores = trial.uniform(9, 6);
  const top = b.topIndices(scores, 4);
  trial.check('a matrix of indices', b.transpose(top));
  trial.check('gathered by a row of indices', b.gather(scores, b.transpose(b.slice(top, 3, 4))));
};

export const diagonal: OpCase = (trial) => {
  for (const cols of widths) {
    for (const rows of [cols, cols + 1, cols + 9]) {
      trial.check(`[${rows}, ${cols}]`, trial.builder.diagonal(trial.uniform(rows, cols)));
    }
  }
};

export const fromDiagonal: OpCase = (trial) => {
  for (const cols of widths) {
    for (const rows of [cols, cols + 1, cols + 9]) {
      trial.check(`[${rows}, ${cols}]`, trial.builder.fromDiagonal(trial.uniform(1, cols), rows));
    }
  }
};

export const concat: OpCase = (trial) => {
  for (const cols of widths) {
    for (const a of heights) {
      for (const b of heights) {
        trial.check(
          `${a} + ${b} of ${cols}`,
          trial.builder.concat(trial.uniform(a, cols), trial.uniform(b, cols)),
        );
      }
    }
  }
  const joined = trial.builder.concat(trial.indices(5, 9), trial.indices(6, 9));
  trial.check('indices', joined);
  trial.check(
    'gathered by joined indices',
    trial.builder.gather(trial.variable('table', 'table', 9, 6), joined),
  );
};

export const slice: OpCase = (trial) => {
  for (const cols of widths) {
    const x = trial.uniform(33, cols);
    for (const [from, to] of [
      [0, 33],
      [0, 1],
      [1, 8],
      [5, 33],
      [32, 33],
    ] as const) {
      trial.check(`${from} to ${to} of ${cols}`, trial.builder.slice(x, from, to));
    }
  }
  trial.check('indices', trial.builder.slice(trial.indices(9, 5), 2, 7));
};
