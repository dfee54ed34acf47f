import type { Kernel } from '../matrix.ts';

function broadcasting(f: (a: number, b: number) => number): Kernel {
  return (out, [a, b]) => {
    for (let r = 0; r < out.rows; r++) {
      for (let c = 0; c < out.cols; c++) {
        const ofA = a.data[(a.rows === 1 ? 0 : r) * a.cols + (a.cols === 1 ? 0 : c)];
        const ofB = b.data[(b.rows === 1 ? 0 : r) * b.cols + (b.cols === 1 ? 0 : c)];
        out.data[r * out.cols + c] = f(ofA, ofB);
      }
    }
  };
}

export const add: Kernel = broadcasting((a, b) => a + b);
export const subtract: Kernel = broadcasting((a, b) => a - b);
export const multiply: Kernel = broadcasting((a, b) => a * b);
export const divide: Kernel = broadcasting((a, b) => a / b);

/** scale·x + shift. */
export const affine: Kernel = (out, [x], { scale, shift }) => {
  for (let i = 0; i < out.data.length; i++) out.data[i] = Number(scale) * x.data[i] + Number(shift);
};
