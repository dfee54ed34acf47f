import { type OpDefinition, shapeError } from './definition.ts';

/**
 * The rank of one row per column: for t = indices[c], out[0, c] counts the x[r, c] greater than x[t, c] and out[1, c] those
 * equal to it, itself included; both are 0 for −1. If a column with an index has a NaN, out[0, c] is NaN and out[1, c] is
 * the row of the first NaN. It has no gradient.
 */
export const rankCounts: OpDefinition = {
  infer(inputs) {
    const [x, indices] = inputs;
    if (x?.dtype !== 'f32' || indices?.dtype !== 'i32' || indices.cols !== 1 || indices.rows !== x.cols) {
      shapeError('rank-counts', 'f32 [n, c] and i32 [c, 1] indices', inputs);
    }
    return { dtype: 'f32', rows: 2, cols: x.cols };
  },
};

/**
 * The rows of the `k` greatest values of each column, best first and equal ones by ascending row; −1 where a column has
 * fewer than k rows and, if indices are given, in columns whose index is −1. A column with a NaN gives unspecified rows,
 * each once. It has no gradient.
 */
export const topIndices: OpDefinition = {
  infer(inputs, { k }) {
    const [x, indices] = inputs;
    const fits = !indices || (indices.dtype === 'i32' && indices.cols === 1 && indices.rows === x?.cols);
    if (x?.dtype !== 'f32' || !fits) {
      shapeError('top-indices', 'f32 [n, c] and, if any, i32 [c, 1] indices', inputs);
    }
    if (!(Number.isInteger(k) && Number(k) >= 1)) {
      throw new RangeError(`top-indices: "k" expected integer >= 1, got ${k}`);
    }
    return { dtype: 'i32', rows: Number(k), cols: x.cols };
  },
};
