import { expectRow, type Kernel } from '../matrix.ts';

/** out[r] = table[indices[r]], zeros for −1. */
export const gather: Kernel = (out, [table, indices]) => {
  for (let r = 0; r < out.rows; r++) {
    const index = indices.data[r];
    expectRow('gather', index, table.rows);
    if (index === -1) continue;
    for (let c = 0; c < out.cols; c++) out.data[r * out.cols + c] = table.data[index * table.cols + c];
  }
};
