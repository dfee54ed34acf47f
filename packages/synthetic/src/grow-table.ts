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
 * Adds made-up rows to a trained table, for models of more items than a log has. A new row is a given one plus the
 * difference of another and its neighbour, divided by √2, so that the table keeps its spectrum and clusters.
 * @param given - [trained, cols], at least one row.
 * @param rows - of the result, at least as many as are given.
 */
export function growTable(given: Float32Array, cols: number, rows: number, seed: number): GrownTable {
  const random = new RandomStream(seed, 'grow-table');
  const trained = given.length / cols;
  const neighbours = Int32Array.from({ length: trained }, (_, row) => neighbourOf(given, cols, row, random));
  const values = new Float32Array(rows * cols);
  values.set(given);
  const from = Int32Array.from({ length: rows }, (_, row) => row);
  for (let row = trained; row < rows; row++) {
    const [base, other] = [random.nextBelow(trained), random.nextBelow(trained)];
    const near = neighbours[other];
    from[row] = base;
    for (let j = 0; j < cols; j++) {
      const difference = given[other * cols + j] - given[near * cols + j];
      values[row * cols + j] = given[base * cols + j] + difference * Math.SQRT1_2;
    }
  }
  return { values, from };
}

/** Of some random other rows; the row itself if there is no other. */
function neighbourOf(given: Float32Array, cols: number, row: number, random: RandomStream): number {
  let [nearest, least] = [row, Number.POSITIVE_INFINITY];
  for (let i = 0; i < CANDIDATES; i++) {
    const other = random.nextBelow(given.length / cols);
    let squares = other === row ? Number.POSITIVE_INFINITY : 0;
    for (let j = 0; j < cols && squares < least; j++) {
      squares += (given[row * cols + j] - given[other * cols + j]) ** 2;
    }
    if (squares < least) [nearest, least] = [other, squares];
  }
  return nearest;
}
