import { type OpDefinition, shapeError } from './definition.ts';

export const rankCounts: OpDefinition = {
  infer(inputs) {
    const [x, indices] = inputs;
    if (x?.dtype !== 'f32' || indices?.dtype !== 'i32' || indices.cols !== 1 || indices.rows !== x.cols) {
      shapeError('rank-counts', 'f32 [n, c] and i32 [c, 1] indices', inputs);
    }
    return { dtype: 'f32', rows: 2, cols: x.cols };
  },
};

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
