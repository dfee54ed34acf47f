import type { Graph } from '../graph.ts';
import type { Attributes, Node, RowGradient, Shape, Tensor } from '../tensor.ts';

/** What an op's gradient rule gives for one input: a tensor of its shape, rows of a table, or nothing. */
export type InputGradient = Tensor | RowGradient | undefined;

/** A primitive op: its shape rule and its gradient rule. Values are an engine's business. */
export interface OpDefinition {
  /**
   * Shape of the one output.
   * @throws RangeError naming the op and the shapes that do not fit.
   */
  infer(inputs: readonly Tensor[], attributes: Attributes): Shape;
  /**
   * Vector-Jacobian product, as ops added to `graph`.
   *
   * @param gradient - cotangent of the output, of its shape.
   * @returns one entry an input, in order. Absent rule: the op has no gradient at all.
   */
  gradient?(graph: Graph, node: Node, gradient: Tensor): readonly InputGradient[];
}
