import { type OpDefinition, shapeError } from './definition.ts';

/**
 * out[rows[c, j], c] = scale[c, j]·x[rows[c, j], c] + added[c, j]; all other values are those of x. A column names a row at most
 * once; −1 names none. It has no gradient.
 *
 * Inputs: x f32 [n, b], rows i32 [b, k], scale f32 [b, k], added f32 [b, k].
 */
export const adjust: OpDefinition = {
  infer(inputs) {
    const [x, rows, ...values] = inputs;
    const isFloat = x?.dtype === 'f32' && values.every(({ dtype }) => dtype === 'f32');
    const fits = [rows, ...values].every((t) => t?.rows === x?.cols && t?.cols === rows?.cols);
    if (!x || !isFloat || rows?.dtype !== 'i32' || !fits) {
      shapeError('adjust', 'f32 [n, b], i32 [b, k] rows, f32 [b, k] scales and f32 [b, k] values', inputs);
    }
    return { dtype: 'f32', rows: x.rows, cols: x.cols };
  },
};
