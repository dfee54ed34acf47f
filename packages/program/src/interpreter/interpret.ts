import type { Node, OpName, Region, RowGradient, Update } from '@gru4rec/program';
import { expectRow, kernels, type Matrix, zeros } from './kernels.ts';

/** Computes nodes in order. Reads their inputs from `values`, by tensor id, and adds their outputs. */
export function interpret(nodes: readonly Node[], values: Map<number, Matrix>): void {
  for (const node of nodes) {
    const inputs = node.inputs.map((t) => values.get(t.id) as Matrix);
    const outputs = node.region ? interpretRegion(node.region, inputs) : [interpretOp(node.op, node, inputs)];
    for (const [i, output] of node.outputs.entries()) values.set(output.id, outputs[i]);
  }
}

function interpretRegion(region: Region, inputs: readonly Matrix[]): Matrix[] {
  const values = new Map(region.inputs.map((t, i) => [t.id, inputs[i]]));
  interpret(region.nodes, values);
  return region.outputs.map((t) => values.get(t.id) as Matrix);
}

function interpretOp(op: OpName, { outputs, attributes }: Node, inputs: readonly Matrix[]): Matrix {
  const out = zeros(outputs[0]);
  kernels[op](out, inputs, attributes);
  return out;
}

/** On whole matrices, or on touched rows padded with zeros to the region's rows, which its ops may name. Reads `current`. */
export function applyUpdate(
  update: Update,
  current: readonly Matrix[],
  lookUp: (tensor: { readonly id: number }) => Matrix,
): Matrix[] {
  const { gradient, optimizer } = update;
  const scalars = update.scalars.map(lookUp);
  const [value, ...slots] = current;
  if (gradient.kind === 'dense') {
    return interpretRegion(optimizer, [value, lookUp(gradient.tensor), ...slots, ...scalars]);
  }
  const sums = sumByRow(`update of "${update.variable}"`, gradient.parts, value.rows, lookUp);
  const indices = [...sums.keys()];
  const capacity = optimizer.inputs[0].rows;
  const rows = (matrix: Matrix): Matrix => takeRows(matrix, indices, capacity);
  const summed = stackRows([...sums.values()], { ...value, rows: capacity });
  const updated = interpretRegion(optimizer, [rows(value), summed, ...slots.map(rows), ...scalars]);
  return current.map((matrix, i) => putRows(matrix, indices, updated[i]));
}

/** Sums of the gradients of equal rows, in the order in which the rows first appear; −1 is skipped. */
function sumByRow(
  where: string,
  parts: readonly RowGradient[],
  tableRows: number,
  lookUp: (tensor: { readonly id: number }) => Matrix,
): Map<number, Float64Array> {
  const sums = new Map<number, Float64Array>();
  for (const part of parts) {
    const indices = lookUp(part.indices).data;
    const { data, cols, rows } = lookUp(part.rows);
    const perRow = indices.length / rows;
    for (let i = 0; i < indices.length; i++) {
      expectRow(where, indices[i], tableRows);
      if (indices[i] === -1) continue;
      const sum = sums.get(indices[i]) ?? new Float64Array(cols);
      const from = Math.floor(i / perRow) * cols;
      for (let c = 0; c < cols; c++) sum[c] += data[from + c];
      sums.set(indices[i], sum);
    }
  }
  return sums;
}

function stackRows(rows: readonly Float64Array[], shape: Matrix): Matrix {
  const out = zeros(shape);
  for (const [i, row] of rows.entries()) out.data.set(row, i * out.cols);
  return out;
}

function takeRows(matrix: Matrix, indices: readonly number[], capacity: number): Matrix {
  const out = zeros({ ...matrix, rows: capacity });
  for (const [i, index] of indices.entries()) {
    out.data.set(matrix.data.subarray(index * out.cols, (index + 1) * out.cols), i * out.cols);
  }
  return out;
}

function putRows(matrix: Matrix, indices: readonly number[], rows: Matrix): Matrix {
  const out = { ...matrix, data: matrix.data.slice() };
  for (const [i, index] of indices.entries()) {
    out.data.set(rows.data.subarray(i * out.cols, (i + 1) * out.cols), index * out.cols);
  }
  return out;
}
