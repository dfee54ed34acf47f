import { inputOf, outputOf } from '@gru4rec/program';
import type { GraphWriter, Ref } from '../graph-writer.ts';
import { float, type OpLowering, slice as part, reshape, stacked, toFloats, transposed } from './lowering.ts';

export const transpose: OpLowering = (graph, node, [x = '']) => {
  const { dtype, rows, cols } = outputOf(node);
  return rows === 1 || cols === 1 ? reshape(graph, x, [rows, cols], dtype) : transposed(graph, x, dtype);
};

export const diagonal: OpLowering = (graph, node, [ref = '']) => {
  const { rows, cols } = inputOf(node);
  const square = rows === cols ? ref : part(graph, ref, { from: [0, 0], size: [cols, cols] });
  return reshape(graph, float(graph, 'MatrixDiagPart', [square]), [1, cols]);
};

/** A product with a 0/1 mask, which TensorFlow computes once: 5× faster than writing the diagonal into zeros. */
export const fromDiagonal: OpLowering = (graph, node, [x = '']) => {
  const { rows, cols } = outputOf(node);
  const [down, across] = [countingUp(graph, rows, [rows, 1]), countingUp(graph, cols, [1, cols])];
  return float(graph, 'Mul', [x, toFloats(graph, float(graph, 'Equal', [down, across]))]);
};

/** 0, 1, … as floats, because TensorFlow compares integers on the host even if there is a GPU. */
function countingUp(graph: GraphWriter, length: number, extents: readonly number[]): Ref {
  return graph.floats(
    Array.from({ length }, (_, i) => i),
    extents,
  );
}

export const concat: OpLowering = (graph, node, inputs) => stacked(graph, inputs, outputOf(node).dtype);

export const slice: OpLowering = (graph, node, [x = '']) => {
  const { dtype, rows, cols } = outputOf(node);
  return part(graph, x, { from: [Number(node.attributes.from), 0], size: [rows, cols] }, dtype);
};
