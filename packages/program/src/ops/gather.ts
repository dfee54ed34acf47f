import type { OpDefinition } from './definition.ts';
import { shapeError } from './shapes.ts';

/** out[i] = table[indices[i]]; an index of −1 gives a row of zeros. Gradient: rows of the table. */
export const gather: OpDefinition = {
  infer(inputs) {
    const [table, indices] = inputs;
    if (table === undefined || indices?.dtype !== 'i32' || indices.cols !== 1) {
      shapeError('gather', 'a table and i32 [n, 1] indices', inputs);
    }
    return { dtype: table.dtype, rows: indices.rows, cols: table.cols };
  },
  gradient(_graph, node, gradient) {
    const indices = node.inputs[1];
    return [indices && { indices, rows: gradient }, undefined];
  },
};
