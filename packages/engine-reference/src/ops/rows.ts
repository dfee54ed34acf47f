import { expectRow, type Kernel } from '../matrix.ts';

/** out[indices[r]] += rows[r], nothing for −1. */
export const scatterRows: Kernel = (out, [rows, indices]) => {
  for (let r = 0; r < rows.rows; r++) {
    const index = indices.data[r];
    expectRow('scatter-rows', index, out.rows);
    if (index === -1) continue;
    for (let c = 0; c < out.cols; c++) out.data[index * out.cols + c] += rows.data[r * out.cols + c];
  }
};

/** out[u] += rows[r], where indices[r] is the u-th distinct index; nothing for −1. */
export const mergeRows: Kernel = (out, [rows, indices]) => {
  const positions = new Map<number, number>();
  for (let r = 0; r < rows.rows; r++) {
    const index = indices.data[r];
    if (index < 0) continue;
    const u = positions.get(index) ?? positions.size;
    positions.set(index, u);
    for (let c = 0; c < out.cols; c++) out.data[u * out.cols + c] += rows.data[r * out.cols + c];
  }
};
