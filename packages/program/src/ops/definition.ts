import type { Graph } from '../graph.ts';
import type { Attributes, Node, RowGradient, Shape, Tensor } from '../tensor.ts';

/** The gradient with respect to one input: a tensor of its shape, rows of a table, or none. */
export type InputGradient = Tensor | RowGradient | undefined;

/** A primitive op: its shape rule and its gradient rule. Engines compute the values. */
export interface OpDefinition {
  /**
   * Shape of the one output.
   * @throws RangeError naming the op and the shapes that do not fit.
   */
  infer(inputs: readonly Tensor[], attributes: Attributes): Shape;
  /**
   * Appends the vector-Jacobian product to `graph`. An op without a rule has no gradient.
   *
   * @param gradient - cotangent of the output, of its shape.
   * @returns one entry per input, in order.
   */
  gradient?(graph: Graph, node: Node, gradient: Tensor): readonly InputGradient[];
}
