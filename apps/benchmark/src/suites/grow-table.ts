import { RandomStream } from '@gru4rec/random';

/** Random rows of which the nearest one is a row's neighbour. */
const CANDIDATES = 64;

/** A table with more rows than it had. */
export interface GrownTable {
  /** [rows, cols], the given rows first (fresh). */
  readonly values: Float32Array;
  /** [rows] the given row that each row is made from. */
  readonly from: Int32Array;
}

/**
 * A new row is a given one plus the difference of another and its neighbour, divided by √2, so that the table keeps its
 * spectrum and clusters.
 * @param given - [trained, cols], at least one row.
 * @param rows - of the result, at least as many as are given.
 */
export function growTable(given: Float32Array, cols: number, rows: number, seed: number): GrownTable {
  const random = new RandomStream(seed, 'grow-table');
  const trained = given.length / cols;
  const rowOf = (row: number): Float32Array => given.subarray(row * cols, (row + 1) * cols);
  // Of some random other rows, the nearest; the row itself if there is no other.
  const neighbours = Array.from({ length: trained }, (_, row) => {
    let [nearest, least] = [row, Number.POSITIVE_INFINITY];
    const own = rowOf(row);
    for (let i = 0; i < CANDIDATES; i++) {
      const other = random.nextBelow(trained);
      const squares = rowOf(other).reduce((sum, value, j) => sum + (value - (own[j] ?? 0)) ** 2, 0);
      if (other !== row && squares < least) [nearest, least] = [other, squares];
    }
    return nearest;
  });
  const values = new Float32Array(rows * cols);
  values.set(given);
  const from = Int32Array.from({ length: rows }, (_, row) => row);
  for (let row = trained; row < rows; row++) {
    const [base, other] = [random.nextBelow(trained), random.nextBelow(trained)];
    const [far, near] = [rowOf(other), rowOf(neighbours[other] ?? other)];
    from[row] = base;
    const made = rowOf(base).map((value, j) => value + ((far[j] ?? 0) - (near[j] ?? 0)) * Math.SQRT1_2);
    values.set(made, row * cols);
  }
  return { values, from };
}
