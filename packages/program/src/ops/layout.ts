import { inputOf } from '../tensor.ts';
import { type OpDefinition, sameShape, shapeError } from './definition.ts';

export const transpose: OpDefinition = {
  infer(inputs) {
    const [x] = inputs;
    if (x === undefined) shapeError('transpose', 'a tensor', inputs);
    return { dtype: x.dtype, rows: x.cols, cols: x.rows };
  },
  gradient: (graph, _node, dy) => [graph.transpose(dy)],
};

export const diagonal: OpDefinition = {
  infer(inputs) {
    const { rows, cols } = sameShape('diagonal', inputs);
    if (rows < cols) shapeError('diagonal', 'at least as many rows as columns', inputs);
    return { dtype: 'f32', rows: 1, cols };
  },
  gradient: (graph, node, dy) => [graph.fromDiagonal(dy, inputOf(node).rows)],
};

export const fromDiagonal: OpDefinition = {
  infer(inputs, { rows }) {
    const x = sameShape('from-diagonal', inputs);
    if (x.rows !== 1 || Number(rows) < x.cols) shapeError('from-diagonal', `[1, n ≤ ${rows}]`, inputs);
    return { dtype: 'f32', rows: Number(rows), cols: x.cols };
  },
  gradient: (graph, _node, dy) => [graph.diagonal(dy)],
};

export const concat: OpDefinition = {
  infer(inputs) {
    const [a, b] = inputs;
    if (a === undefined || b === undefined || a.cols !== b.cols || a.dtype !== b.dtype) {
      shapeError('concat', 'two tensors of equal type and columns', inputs);
    }
    return { dtype: a.dtype, rows: a.rows + b.rows, cols: a.cols };
  },
  gradient(graph, node, dy) {
    const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
    if (a.dtype !== 'f32') return [undefined, undefined];
    return [graph.slice(dy, 0, a.rows), graph.slice(dy, a.rows, a.rows + b.rows)];
  },
};

export const slice: OpDefinition = {
  infer(inputs, { from, to }) {
    const [x] = inputs;
    if (x === undefined || Number(from) < 0 || Number(to) > x.rows || Number(from) >= Number(to)) {
      shapeError('slice', `a tensor with rows ${from} to ${to}`, inputs);
    }
    return { dtype: x.dtype, rows: Number(to) - Number(from), cols: x.cols };
  },
  gradient(graph, node, dy) {
    const x = inputOf(node);
    if (x.dtype !== 'f32') return [undefined];
    const from = Number(node.attributes.from);
    const to = Number(node.attributes.to);
    let padded = dy;
    if (from > 0) padded = graph.concat(graph.constant(0, from, x.cols), padded);
    if (to < x.rows) padded = graph.concat(padded, graph.constant(0, x.rows - to, x.cols));
    return [padded];
  },
};
