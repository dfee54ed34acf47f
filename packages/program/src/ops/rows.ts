import { inputOf, type Shape, type Tensor } from '../tensor.ts';
import { type OpDefinition, shapeError } from './definition.ts';

export function perRow(rows: Shape, indices: Shape): number {
  return indices.rows / rows.rows;
}

function expectRows(op: string, inputs: readonly Tensor[]): readonly [Shape, Shape] {
  const [rows, indices] = inputs;
  const fits =
    indices?.dtype === 'i32' && indices.cols === 1 && rows && Number.isInteger(perRow(rows, indices));
  if (rows?.dtype !== 'f32' || !fits) shapeError(op, 'f32 [n, c] rows and i32 [n·k, 1] indices', inputs);
  return [rows, indices];
}

export const gather: OpDefinition = {
  infer(inputs) {
    const [table, indices] = inputs;
    if (table === undefined || indices?.dtype !== 'i32' || indices.cols !== 1) {
      shapeError('gather', 'a table and i32 [n, 1] indices', inputs);
    }
    return { dtype: table.dtype, rows: indices.rows, cols: table.cols };
  },
  gradient: (_graph, node, dy) => [{ indices: inputOf(node, 1), rows: dy }, undefined],
};

export const scatterRows: OpDefinition = {
  infer: (inputs, { rows }) => ({ ...expectRows('scatter-rows', inputs)[0], rows: Number(rows) }),
  gradient(graph, node, dy) {
    const [rows, indices] = [inputOf(node, 0), inputOf(node, 1)];
    if (perRow(rows, indices) === 1) return [graph.gather(dy, indices), undefined];
    return [graph.addRows(graph.constant(0, rows.rows, rows.cols), dy, indices), undefined];
  },
};

export const mergeRows: OpDefinition = {
  infer(inputs) {
    const [rows, indices] = expectRows('merge-rows', inputs);
    return { ...rows, dtype: 'f32', rows: indices.rows };
  },
};

export const addRows: OpDefinition = {
  infer(inputs) {
    const [x, table, indices] = inputs;
    const isList = indices?.dtype === 'i32' && indices.cols === 1;
    const fits = isList && x && table?.cols === x.cols && Number.isInteger(perRow(x, indices));
    if (!fits || x.dtype !== 'f32' || table?.dtype !== 'f32') {
      shapeError('add-rows', 'f32 [n, c], an f32 table [m, c] and i32 [n·k, 1] indices', inputs);
    }
    return { dtype: 'f32', rows: x.rows, cols: x.cols };
  },
  gradient: (_graph, node, dy) => [dy, { indices: inputOf(node, 2), rows: dy }, undefined],
};
