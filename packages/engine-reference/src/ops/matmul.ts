import type { Kernel } from '../matrix.ts';

/** out[r, c] = Σ_k op(a)[r, k] · op(b)[k, c]. */
export const matmul: Kernel = (out, [a, b], { transposeA, transposeB }) => {
  const inner = transposeA ? a.rows : a.cols;
  for (let r = 0; r < out.rows; r++) {
    for (let c = 0; c < out.cols; c++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        const ofA = a.data[transposeA ? k * a.cols + r : r * a.cols + k];
        const ofB = b.data[transposeB ? c * b.cols + k : k * b.cols + c];
        sum += ofA * ofB;
      }
      out.data[r * out.cols + c] = sum;
    }
  }
};
