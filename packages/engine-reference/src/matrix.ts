import type { Attributes, Shape } from '@gru4rec/program';

/** A value at run time: rows × cols, dense and row-major. */
export interface Matrix extends Shape {
  readonly data: Float64Array | Int32Array;
}

/** Computes one op: fills `out`, which is zero, from `inputs`, which are read only. */
export type Kernel = (out: Matrix, inputs: readonly Matrix[], attributes: Attributes) => void;

/** A matrix of zeros. */
export function zeros({ dtype, rows, cols }: Shape): Matrix {
  const data = dtype === 'f32' ? new Float64Array(rows * cols) : new Int32Array(rows * cols);
  return { dtype, rows, cols, data };
}

/** @throws RangeError unless −1 ≤ index < rows. */
export function expectRow(where: string, index: number, rows: number): void {
  if (index < -1 || index >= rows) {
    throw new RangeError(
      `${where}: index expected -1 to ${rows - 1}, got ${index}. The table has ${rows} rows.`,
    );
  }
}
