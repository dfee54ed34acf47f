import type { Shape, Tensor } from '../tensor.ts';
import type { OpDefinition } from './definition.ts';
import { shapeError } from './shapes.ts';

function expectRows(op: string, inputs: readonly Tensor[]): Shape {
  const [rows, indices] = inputs;
  if (rows?.dtype !== 'f32' || indices?.dtype !== 'i32' || indices.cols !== 1 || indices.rows !== rows.rows) {
    shapeError(op, 'f32 [n, c] rows and i32 [n, 1] indices', inputs);
  }
  return { dtype: 'f32', rows: rows.rows, cols: rows.cols };
}

/** [rows, c] whose row i is the sum of the given rows with index i; −1 is skipped. */
export const scatterRows: OpDefinition = {
  infer: (inputs, { rows }) => ({ ...expectRows('scatter-rows', inputs), rows: Number(rows) }),
  gradient(graph, node, dy) {
    const indices = node.inputs[1];
    return [indices && graph.gather(dy, indices), undefined];
  },
};

/**
 * [n, c] whose row u is the sum of the given rows of the u-th distinct index, in order of first appearance; the
 * remaining rows are zeros, and −1 is skipped. It has no gradient.
 */
export const mergeRows: OpDefinition = {
  infer: (inputs) => expectRows('merge-rows', inputs),
};
