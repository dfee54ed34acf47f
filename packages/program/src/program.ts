import type { OpName } from './ops/registry.ts';
import type { Gradient, Operation, Tensor } from './tensor.ts';

/** One operation: a primitive op, or a region. */
export type Node = Operation &
  ({ readonly op: OpName; readonly region?: undefined } | { readonly op: 'region'; readonly region: Region });

/**
 * A named part of a program: a pure function of its inputs, composed of primitive ops.
 * An engine may run it as one fused kernel or inline its body; both must agree.
 */
export interface Region extends Operation {
  readonly name: string;
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
