import type { Tensor } from '../tensor.ts';
import { type OpDefinition, shapeError } from './definition.ts';

/** Whether a history of k rows per column of scores x, f32 [n, b], fits. */
function fits(x?: Tensor, history?: Tensor): boolean {
  return x?.dtype === 'f32' && history?.dtype === 'i32' && history.rows === x.cols;
}

/**
 * out[i, c] = x[i, c] + Σ_j values[c, j]·[history[c, j] = i]: the scores of the rows that a column's history names change, all
 * others stay. −1 names no row. It has no gradient.
 *
 * Inputs: x f32 [n, b], values f32 [b, k], history i32 [b, k].
 */
export const addRepeats: OpDefinition = {
  infer(inputs) {
    const [x, values, history] = inputs;
    const fitting = values?.dtype === 'f32' && values.rows === history?.rows && values.cols === history.cols;
    if (!x || !fits(x, history) || !fitting) {
      shapeError('add-repeats', 'f32 [n, b], f32 [b, k] values and i32 [b, k] history', inputs);
    }
    return { dtype: 'f32', rows: x.rows, cols: x.cols };
  },
};

/** out[c, j] = x[history[c, j], c], 0 for −1. It has no gradient. Inputs: x and history, as of `add-repeats`. */
export const sumRepeats: OpDefinition = {
  infer(inputs) {
    const [x, history] = inputs;
    if (!history || !fits(x, history)) {
      shapeError('sum-repeats', 'f32 [n, b] and i32 [b, k] history', inputs);
    }
    return { dtype: 'f32', rows: history.rows, cols: history.cols };
  },
};
