import { expectRow, type Kernel } from '../matrix.ts';

/** out[indices[k·r + j]] += rows[r], nothing for −1. */
export const scatterRows: Kernel = (out, [rows, indices]) => {
  for (const [at, index] of indices.data.entries()) {
    const r = Math.floor((at * rows.rows) / indices.rows);
    expectRow('scatter-rows', index, out.rows);
    if (index === -1) continue;
    for (let c = 0; c < out.cols; c++) out.data[index * out.cols + c] += rows.data[r * out.cols + c];
  }
};

/** out[i] = x[i] + Σ_j table[indices[k·i + j]], nothing for −1. */
export const addRows: Kernel = (out, [x, table, indices]) => {
  out.data.set(x.data);
  for (const [at, index] of indices.data.entries()) {
    const i = Math.floor((at * x.rows) / indices.rows);
    expectRow('add-rows', index, table.rows);
    if (index === -1) continue;
    for (let c = 0; c < out.cols; c++) out.data[i * out.cols + c] += table.data[index * out.cols + c];
  }
};

/** out[u] += rows[r], where indices[k·r + j] is the u-th distinct index; nothing for −1. */
export const mergeRows: Kernel = (out, [rows, indices]) => {
  const positions = new Map<number, number>();
  for (const [at, index] of indices.data.entries()) {
    const r = Math.floor((at * rows.rows) / indices.rows);
    if (index < 0) continue;
    const u = positions.get(index) ?? positions.size;
    positions.set(index, u);
    for (let c = 0; c < out.cols; c++) out.data[u * out.cols + c] += rows.data[r * out.cols + c];
  }
};
