/** A vector per item, such as the tensor `Wy` of a GRU4Rec. */
export interface ItemEmbeddings {
  /** E, the length of a vector. */
  readonly cols: number;
  /** [I, E], row-major. */
  readonly values: ArrayLike<number>;
}

/**
 * Diversity of a list: the mean distance of two of its items, which is 1 − cos of their embeddings, and 1 where one is 0.
 *
 * diversity = 1 − 2 / (k(k − 1)) Σ_{i<j} u_i·u_j, u = unit vectors     (Ziegler, McNee, Konstan, Lausen 2005, WWW)
 *
 * 2 Σ_{i<j} u_i·u_j = |Σ u_i|² − Σ |u_i|², so that it takes k·E operations.
 *
 * @param list - k ≥ 2 item indices. Read only.
 * @returns in [0, 2], to be compared with that of lists measured by the same embeddings.
 */
export function listDiversity(list: Int32Array, { cols, values }: ItemEmbeddings): number {
  const sum = new Float64Array(cols);
  let own = 0;
  for (const item of list) {
    let squares = 0;
    for (let e = 0; e < cols; e++) squares += values[item * cols + e] ** 2;
    if (squares === 0) continue;
    own++;
    const scale = 1 / Math.sqrt(squares);
    for (let e = 0; e < cols; e++) sum[e] += values[item * cols + e] * scale;
  }
  const total = sum.reduce((squares, x) => squares + x * x, 0);
  return 1 - (total - own) / (list.length * (list.length - 1));
}
