import type { OpDefinition } from './definition.ts';
import { shapeError } from './shapes.ts';

/**
 * Where one row a column stands: out[0, c] = how many x[r, c] are greater than x[t, c], out[1, c] = how many are equal
 * to it, itself among them, for t = indices[c]; −1 gives 0 and 0. Where a column with an index has a NaN, out[0, c] is
 * NaN and out[1, c] the first row of one. Without a gradient.
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
 * The rows of the `k` greatest values of each column, best first, equal ones by ascending row; −1 behind the last row
 * and, where there are indices, in a column whose index is −1. A column that has a NaN gives some rows, each once.
 * Without a gradient.
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
