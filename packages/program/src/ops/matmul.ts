import type { OpDefinition } from './definition.ts';
import { shapeError } from './shapes.ts';

/** out = op(a)·op(b), where op transposes when `transposeA` / `transposeB` is set. */
export const matmul: OpDefinition = {
  infer(inputs, { transposeA, transposeB }) {
    const [a, b] = inputs;
    if (a?.dtype !== 'f32' || b?.dtype !== 'f32') shapeError('matmul', 'two f32 matrices', inputs);
    const [rows, inner] = transposeA ? [a.cols, a.rows] : [a.rows, a.cols];
    const [innerB, cols] = transposeB ? [b.cols, b.rows] : [b.rows, b.cols];
    if (inner !== innerB) shapeError('matmul', 'equal inner extents', inputs);
    return { dtype: 'f32', rows, cols };
  },
  gradient(graph, node, dy) {
    const [a, b] = node.inputs;
    if (a === undefined || b === undefined) return [];
    const tA = node.attributes.transposeA === true;
    const tB = node.attributes.transposeB === true;
    const da = tA
      ? graph.matmul(b, dy, { transposeA: tB, transposeB: true })
      : graph.matmul(dy, b, { transposeB: !tB });
    const db = tB
      ? graph.matmul(dy, a, { transposeA: true, transposeB: tA })
      : graph.matmul(a, dy, { transposeA: !tA });
    return [da, db];
  },
};
