import type { Shape, Tensor } from '../tensor.ts';
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

function topOf(op: string, inputs: readonly Tensor[], k: unknown): Shape {
  if (!(Number.isInteger(k) && Number(k) >= 1)) {
    throw new RangeError(`${op}: "k" expected integer >= 1, got ${k}`);
  }
  return { dtype: 'i32', rows: Number(k), cols: inputs[0]?.cols ?? 0 };
}

export const topIndices: OpDefinition = {
  infer(inputs, { k }) {
    const [x, indices] = inputs;
    const fits = !indices || (indices.dtype === 'i32' && indices.cols === 1 && indices.rows === x?.cols);
    if (x?.dtype !== 'f32' || !fits) {
      shapeError('top-indices', 'f32 [n, c] and, if any, i32 [c, 1] indices', inputs);
    }
    return topOf('top-indices', inputs, k);
  },
};

export const topAllowed: OpDefinition = {
  infer(inputs, { k }) {
    const [x, allowed] = inputs;
    const words = Math.ceil((x?.rows ?? 0) / 32);
    if (x?.dtype !== 'f32' || allowed?.dtype !== 'i32' || allowed.cols !== 1 || allowed.rows !== words) {
      shapeError('top-allowed', 'f32 [n, c] and i32 [⌈n / 32⌉, 1] bits of rows', inputs);
    }
    return topOf('top-allowed', inputs, k);
  },
};
