import { type OpDefinition, shapeError } from './definition.ts';

export const constant: OpDefinition = {
  infer: (_inputs, { rows, cols }) => ({ dtype: 'f32', rows: Number(rows), cols: Number(cols) }),
};

/**
 * Mask of inverted dropout [rows, cols]: 0 where the element is dropped, 1 / (1 − p) where it is kept.
 *
 * Philox 4x32-10 (Salmon 2011) with key = words 0 and 1 of the input, counter = (⌊element / 4⌋, 0, step low,
 * stream · 2¹⁶ + step high), step = words 2 and 3; element = row · cols + col takes word element mod 4 of its
 * block and is kept when the word ≥ ⌊p · 2³²⌋.
 */
export const dropoutMask: OpDefinition = {
  infer(inputs, { rows, cols, p }) {
    const [philox] = inputs;
    if (philox?.dtype !== 'i32' || philox.rows !== 4 || philox.cols !== 1) {
      shapeError('dropout-mask', 'i32 [4, 1]: key low, key high, step low, step high', inputs);
    }
    if (!(Number(p) >= 0 && Number(p) < 1)) {
      throw new RangeError(
        `dropout-mask: "p" expected 0 ≤ p < 1, got ${p}. It is the share that is dropped.`,
      );
    }
    return { dtype: 'f32', rows: Number(rows), cols: Number(cols) };
  },
};
