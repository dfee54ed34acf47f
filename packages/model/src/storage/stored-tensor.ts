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

/** Rows of a variable. */
export interface TensorPiece {
  /** The first one. */
  readonly row: number;
  /** [rows × cols] */
  readonly values: Float32Array;
}

/** A variable in the middle of training, in the engine's precision, so that nothing is rounded. */
export type SnapshotTensor = NamedTensor<Float32Array | Float64Array>;
