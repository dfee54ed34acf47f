import { expectRow, type Kernel, type Matrix } from '../matrix.ts';

function column({ data, rows, cols }: Matrix, c: number): number[] {
  return Array.from({ length: rows }, (_, r) => data[r * cols + c]);
}

/** Counts of greater and of equal values; if the column has a NaN, NaN and the row of the first NaN. */
export const rankCounts: Kernel = (out, [x, indices]) => {
  for (let c = 0; c < x.cols; c++) {
    const index = indices.data[c];
    expectRow('rank-counts', index, x.rows);
    if (index === -1) continue;
    const values = column(x, c);
    const own = values[index];
    const nan = values.findIndex(Number.isNaN);
    out.data[c] = nan < 0 ? values.filter((value) => value > own).length : Number.NaN;
    out.data[x.cols + c] = nan < 0 ? values.filter((value) => value === own).length : nan;
  }
};

export const topIndices: Kernel = (out, [x, indices]) => {
  for (let c = 0; c < x.cols; c++) {
    const values = indices?.data[c] === -1 ? [] : column(x, c);
    // Compared, not subtracted: the difference of two infinities is NaN.
    const behind = (a: number, b: number): number =>
      Number(values[a] < values[b]) - Number(values[a] > values[b]);
    const best = [...values.keys()].sort(behind);
    for (let place = 0; place < out.rows; place++) out.data[place * x.cols + c] = best[place] ?? -1;
  }
};
