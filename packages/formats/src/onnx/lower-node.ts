import type { Node, OpName } from '@gru4rec/program';
import type { OnnxGraph } from './onnx-graph.ts';

export interface LoweredNode {
  readonly graph: OnnxGraph;
  readonly node: Node;
  readonly inputs: readonly string[];
  readonly output: string;
}

type LowerOp = (lowering: LoweredNode) => void;

function same(opType: string): LowerOp {
  return ({ graph, inputs, output }) => graph.append(opType, inputs, [output]);
}

function withAlpha(opType: string): LowerOp {
  return ({ graph, node, inputs, output }) =>
    graph.append(opType, inputs, [output], { alpha: { float: Number(node.attributes['alpha']) } });
}

function matmul({ graph, node, inputs, output }: LoweredNode): void {
  const { transposeA, transposeB } = node.attributes;
  const flags = { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } };
  if (transposeA || transposeB) graph.append('Gemm', inputs, [output], flags);
  else graph.append('MatMul', inputs, [output]);
}

/** ONNX counts negative indices from the end, ours mean no row: they read row 0, which is then replaced by zeros. */
function gather({ graph, inputs: [table = '', indices = ''], output }: LoweredNode): void {
  const zero = graph.integer('constant.first', 0);
  const row = `${indices}.row`;
  graph.shared(row, () => graph.append('Max', [indices, zero], [row]));
  const known = `${indices}.known`;
  graph.shared(known, () => {
    const flags = graph.apply('GreaterOrEqual', [indices, zero], `${known}.flags`);
    graph.append('Unsqueeze', [flags, graph.integer('constant.axis', 1, [1])], [known]);
  });
  const rows = graph.apply('Gather', [table, row], `${output}.rows`);
  graph.append('Where', [known, rows, graph.float(0)], [output]);
}

/** x [batch, n] + the rows of a table that `indices` [batch, k] name, −1 for none. */
function addRows({ graph, inputs: [x = '', table = '', indices = ''], output }: LoweredNode): void {
  const zero = graph.integer('constant.first', 0);
  const row = graph.apply('Max', [indices, zero], `${output}.row`);
  const flags = graph.apply('GreaterOrEqual', [indices, zero], `${output}.flags`);
  const known = graph.apply('Unsqueeze', [flags, graph.integer('constant.last', -1, [1])], `${output}.known`);
  const rows = graph.apply('Gather', [table, row], `${output}.rows`);
  const added = graph.apply('Where', [known, rows, graph.float(0)], `${output}.added`);
  const axis = graph.integer('constant.axis', 1, [1]);
  const sum = graph.reserve(`${output}.sum`);
  graph.append('ReduceSum', [added, axis], [sum], { keepdims: { int: 0 } });
  graph.append('Add', [x, sum], [output]);
}

function affine({ graph, node, inputs: [x = ''], output }: LoweredNode): void {
  const { scale, shift } = node.attributes;
  const factor = graph.float(Number(scale));
  if (shift === 0) graph.append('Mul', [x, factor], [output]);
  else {
    const scaled = graph.apply('Mul', [x, factor], `${output}.scaled`);
    graph.append('Add', [scaled, graph.float(Number(shift))], [output]);
  }
}

const lowerings: Readonly<Partial<Record<OpName | 'region', LowerOp>>> = {
  gather,
  matmul,
  transpose: same('Transpose'),
  add: same('Add'),
  subtract: same('Sub'),
  multiply: same('Mul'),
  affine,
  'add-rows': addRows,
  sigmoid: same('Sigmoid'),
  tanh: same('Tanh'),
  relu: same('Relu'),
  'leaky-relu': withAlpha('LeakyRelu'),
  elu: withAlpha('Elu'),
};

/** @throws RangeError for an op without a lowering, listing those that have one. */
export function lowerNode(lowering: LoweredNode): void {
  const { op } = lowering.node;
  const lower = lowerings[op];
  if (!lower) {
    throw new RangeError(
      `lowerNode: "op" expected one of ${Object.keys(lowerings).join(', ')}, got ${op}. Add it to lower-node.ts.`,
    );
  }
  lower(lowering);
}
