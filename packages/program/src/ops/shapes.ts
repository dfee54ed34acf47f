import type { Graph } from '../graph.ts';
import { describeShape, type Shape, type Tensor } from '../tensor.ts';

/** @throws RangeError `<op>: <what>, got <shapes>`. */
export function shapeError(op: string, expected: string, inputs: readonly Shape[]): never {
  throw new RangeError(`${op}: expected ${expected}, got ${inputs.map(describeShape).join(' and ')}`);
}

/** The one float input of an element-wise op. */
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
