import { type OpDefinition, shapeError } from './definition.ts';

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
