import type { Kernel } from '../matrix.ts';

export const transpose: Kernel = (out, [x]) => {
  for (let r = 0; r < x.rows; r++) {
    for (let c = 0; c < x.cols; c++) out.data[c * out.cols + r] = x.data[r * x.cols + c];
  }
};

export const diagonal: Kernel = (out, [x]) => {
  for (let c = 0; c < out.cols; c++) out.data[c] = x.data[c * x.cols + c];
};

export const fromDiagonal: Kernel = (out, [x]) => {
  for (let c = 0; c < out.cols; c++) out.data[c * out.cols + c] = x.data[c];
};

export const concat: Kernel = (out, [a, b]) => {
  out.data.set(a.data);
  out.data.set(b.data, a.data.length);
};

export const slice: Kernel = (out, [x], { from, to }) => {
  out.data.set(x.data.subarray(Number(from) * x.cols, Number(to) * x.cols));
};
