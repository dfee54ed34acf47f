import { createReferenceEngine } from '@gru4rec/engine-reference';
import {
  type DType,
  type InputValue,
  ProgramBuilder,
  type RuntimeArray,
  type Tensor,
} from '@gru4rec/program';

/** A matrix as its rows; `i32` for indices. */
export interface Given {
  readonly dtype?: DType;
  readonly rows: readonly (readonly number[])[];
}

/** A matrix of floats, by rows. */
export function matrix(...rows: readonly (readonly number[])[]): Given {
  return { rows };
}

/** A column of indices. */
export function indices(...values: readonly number[]): Given {
  return { dtype: 'i32', rows: values.map((value) => [value]) };
}

/** Runs what `build` appends to given inputs, and returns its value as rows. */
export function runOp(
  build: (b: ProgramBuilder, ...inputs: Tensor[]) => Tensor,
  ...given: readonly Given[]
): number[][] {
  const b = new ProgramBuilder('op');
  const values: Record<string, InputValue> = {};
  const inputs = given.map(({ dtype = 'f32', rows }, i) => {
    values[`x${i}`] = dtype === 'f32' ? Float32Array.from(rows.flat()) : Int32Array.from(rows.flat());
    return b.input(`x${i}`, { dtype, rows: rows.length, cols: rows[0].length });
  });
  const out = build(b, ...inputs);
  b.output('out', out);
  return toRows(createReferenceEngine().load([b.build()]).run('op', values).out, out.cols);
}

function toRows(values: RuntimeArray, cols: number): number[][] {
  const rows: number[][] = [];
  for (let at = 0; at < values.length; at += cols) rows.push(Array.from(values.subarray(at, at + cols)));
  return rows;
}
