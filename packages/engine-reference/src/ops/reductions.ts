import type { Kernel } from '../matrix.ts';

function reduction(start: number, f: (total: number, x: number) => number): Kernel {
  return (out, [x], { axis }) => {
    out.data.fill(start);
    for (let r = 0; r < x.rows; r++) {
      for (let c = 0; c < x.cols; c++) {
        const at = axis === 0 ? c : r;
        out.data[at] = f(out.data[at], x.data[r * x.cols + c]);
      }
    }
  };
}

export const sum: Kernel = reduction(0, (total, x) => total + x);
export const max: Kernel = reduction(-Infinity, (total, x) => Math.max(total, x));

export const broadcast: Kernel = (out, [x]) => {
  for (let r = 0; r < out.rows; r++) {
    for (let c = 0; c < out.cols; c++) {
      out.data[r * out.cols + c] = x.data[(x.rows === 1 ? 0 : r) * x.cols + (x.cols === 1 ? 0 : c)];
    }
  }
};

export const stopGradient: Kernel = (out, [x]) => {
  out.data.set(x.data);
};
