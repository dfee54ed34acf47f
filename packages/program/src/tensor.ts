/** Element type: 32-bit float values, or 32-bit integers that index rows (−1 = no row). */
export type DType = 'f32' | 'i32';

/** Extent of a two-dimensional value; a vector is [n, 1] or [1, n], a scalar [1, 1]. */
export interface Shape {
  readonly dtype: DType;
  readonly rows: number;
  readonly cols: number;
}

/** One value of a program in static single assignment: written by one node, variable or input. */
export interface Tensor extends Shape {
  readonly id: number;
}

/** Constants of an op, part of its identity. */
export type Attributes = Readonly<Record<string, number | string | boolean>>;

/** What all operations have. */
export interface Operation {
  readonly inputs: readonly Tensor[];
  /** One for a primitive op. */
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
}

/** A gradient of some rows of a table: row i of `rows` belongs to the table rows `indices[k·i + j]`, j < k (−1: to none). */
export interface RowGradient {
  /** i32 [n·k, 1]; an index may occur several times. */
  readonly indices: Tensor;
  /** f32 [n, cols of the table]. */
  readonly rows: Tensor;
}

/** Gradient of a loss with respect to a variable. Gradients of the same row add up. */
export type Gradient =
  | { readonly kind: 'dense'; readonly tensor: Tensor }
  | { readonly kind: 'rows'; readonly parts: readonly RowGradient[] };

/** `f32 [3, 4]`, for messages. */
export function describeShape(shape: Shape): string {
  return `${shape.dtype} [${shape.rows}, ${shape.cols}]`;
}

/** A tensor of a list that is known to be long enough. @throws RangeError if it is not. */
export function tensorAt(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor) return tensor;
  throw new RangeError(`tensorAt: "index" expected integer in [0, ${tensors.length}), got ${index}`);
}

/** Input `index` of an operation that always has it. @throws RangeError if it has fewer inputs. */
export function inputOf(operation: Operation, index = 0): Tensor {
  return tensorAt(operation.inputs, index);
}

/** Output `index` of an operation that always has it. @throws RangeError if it has fewer outputs. */
export function outputOf(operation: Operation, index = 0): Tensor {
  return tensorAt(operation.outputs, index);
}
