import type { VariableKind } from '@gru4rec/program';

/** A variable's name, extents and values, row-major. */
export interface NamedTensor<Values extends Float32Array | Float64Array> {
  readonly name: string;
  readonly kind: VariableKind;
  readonly rows: number;
  readonly cols: number;
  readonly values: Values;
}

/** A variable of a trained model, in float32. */
export interface StoredTensor extends NamedTensor<Float32Array> {
  /** The same values in pieces, later ones over earlier ones, where `values` would be a copy of a large table. */
  readonly pieces?: readonly TensorPiece[];
}

/** Rows of a variable, from `row` on. */
export interface TensorPiece {
  readonly row: number;
  /** [rows × cols] */
  readonly values: Float32Array;
}

/** Gives a tensor's array, such as one in shared memory. All of it is overwritten. */
export type Allocate = (length: number, name: string) => Float32Array;

/** A variable in the middle of training, in the engine's precision, so that nothing is rounded. */
export type SnapshotTensor = NamedTensor<Float32Array | Float64Array>;

/** The values of a tensor; empty if there is none of this name. */
export function valuesOf(tensors: readonly StoredTensor[], name: string): Float32Array {
  return tensors.find((tensor) => tensor.name === name)?.values ?? new Float32Array();
}

/** The tensors with other values, by name; those that are not named keep theirs. */
export function withValues(
  tensors: readonly StoredTensor[],
  changed: Readonly<Record<string, Float32Array>>,
): StoredTensor[] {
  return tensors.map((tensor) => ({ ...tensor, values: changed[tensor.name] ?? tensor.values }));
}
