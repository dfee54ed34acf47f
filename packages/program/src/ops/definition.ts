import type { Graph } from '../graph.ts';
import {
  type Attributes,
  describeShape,
  type Node,
  type RowGradient,
  type Shape,
  type Tensor,
} from '../tensor.ts';

/** The gradient with respect to one input: a tensor of its shape, rows of a table, or none. */
export type InputGradient = Tensor | RowGradient | undefined;

/** A primitive op: its shape rule and its gradient rule. Engines compute the values. */
export interface OpDefinition {
  /** Shape of the one output. @throws RangeError naming the op and the shapes that do not fit. */
  infer(inputs: readonly Tensor[], attributes: Attributes): Shape;
  /**
   * Appends the vector-Jacobian product to `graph`. An op without a rule has no gradient.
   *
   * @param gradient - cotangent of the output, of its shape.
   * @returns one entry per input, in order.
   */
  gradient?(graph: Graph, node: Node, gradient: Tensor): readonly InputGradient[];
}

export function shapeError(op: string, expected: string, inputs: readonly Shape[]): never {
  throw new RangeError(`${op}: expected ${expected}, got ${inputs.map(describeShape).join(' and ')}`);
}

export function sameShape(op: string, inputs: readonly Tensor[]): Shape {
  const [x] = inputs;
  if (x === undefined || inputs.length !== 1 || x.dtype !== 'f32') shapeError(op, 'one f32 tensor', inputs);
  return { dtype: 'f32', rows: x.rows, cols: x.cols };
}

/** Shape of a binary element-wise op that broadcasts a row, column or scalar to the other side. */
export function broadcastShape(op: string, inputs: readonly Tensor[]): Shape {
  const [a, b] = inputs;
  const fits = (p: number, q: number): boolean => p === q || p === 1 || q === 1;
  if (a?.dtype !== 'f32' || b?.dtype !== 'f32' || !fits(a.rows, b.rows) || !fits(a.cols, b.cols)) {
    shapeError(op, 'two f32 tensors whose extents are equal or 1', inputs);
  }
  return { dtype: 'f32', rows: Math.max(a.rows, b.rows), cols: Math.max(a.cols, b.cols) };
}

/** Sums a gradient over the extents along which `target` was broadcast. */
export function sumTo(graph: Graph, gradient: Tensor, target: Tensor): Tensor {
  let sum = gradient;
  if (target.rows === 1 && sum.rows > 1) sum = graph.sum(sum, 0);
  if (target.cols === 1 && sum.cols > 1) sum = graph.sum(sum, 1);
  return sum;
}
