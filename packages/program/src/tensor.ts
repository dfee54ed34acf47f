import type { OpName } from './ops/registry.ts';

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

/** One operation: a primitive op, or a region. */
export type Node = NodeParts &
  ({ readonly op: OpName; readonly region?: undefined } | { readonly op: 'region'; readonly region: Region });

interface NodeParts {
  readonly inputs: readonly Tensor[];
  /** One for a primitive op. */
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
}

/**
 * A named part of a program: a pure function of its inputs, composed of primitive ops.
 * An engine may run it as one fused kernel or inline its body; both must agree.
 */
export interface Region {
  readonly name: string;
  readonly attributes: Attributes;
  /** Tensors of the body, which a node maps to its own by position. */
  readonly inputs: readonly Tensor[];
  /** Tensors of the body, outputs of its nodes or inputs. */
  readonly outputs: readonly Tensor[];
  readonly nodes: readonly Node[];
}

/**
 * What a variable is for: a `parameter` is trained as a whole, a `table` row by row; a `slot` belongs to an optimiser, a
 * `state` is carried from step to step, and only the caller writes a `constant`.
 */
export type VariableKind = 'parameter' | 'table' | 'slot' | 'state' | 'constant';

/** A named value that an engine keeps between steps. Programs of one runtime share variables by name. */
export interface Variable {
  readonly name: string;
  readonly kind: VariableKind;
  readonly rows: number;
  readonly cols: number;
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

/**
 * One optimiser step on one variable, after every node has run. The region maps
 * [value, gradient, ...slots, ...scalars] to [value', ...slots']. With row gradients it acts only on the
 * touched rows, after the gradients of equal rows have been summed.
 */
export interface Update {
  readonly variable: string;
  /** Names of the optimiser's state variables, of the variable's shape. */
  readonly slots: readonly string[];
  readonly gradient: Gradient;
  /** [1, 1] each, the learning rate first. */
  readonly scalars: readonly Tensor[];
  readonly optimizer: Region;
}

/**
 * A step as data. A variable's tensor holds its value at the start of the step; assignments and updates
 * take effect after all nodes.
 *
 * `Inputs` and `Outputs` name the arrays that `runProgram` takes and returns; a program of unknown types has neither.
 */
export interface Program<Inputs = object, Outputs = object> {
  readonly name: string;
  /** With the tensor that holds each one's value at the start of the step. */
  readonly variables: readonly { readonly variable: Variable; readonly tensor: Tensor }[];
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** In an order in which each can run. */
  readonly nodes: readonly Node[];
  /** New values of `state` variables. */
  readonly assignments: readonly { readonly variable: string; readonly value: Tensor }[];
  readonly updates: readonly Update[];
  /** Never set. Carries the types of inputs and outputs from the builder to `runProgram`. */
  readonly types?: { readonly inputs: Inputs; readonly outputs: Outputs };
}

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

/** Input `index` of a node whose op always has it, or of a region. @throws RangeError if it has fewer inputs. */
export function inputOf(operation: Node | Region, index = 0): Tensor {
  return tensorAt(operation.inputs, index);
}

/** Output `index` of a node whose op always has it, or of a region. @throws RangeError if it has fewer outputs. */
export function outputOf(operation: Node | Region, index = 0): Tensor {
  return tensorAt(operation.outputs, index);
}
