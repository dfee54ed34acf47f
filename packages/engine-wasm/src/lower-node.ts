import type { Node, Tensor } from '@gru4rec/program';
import { fusedLosses } from './fused-losses.ts';
import { allVectors, at, bytesOf, type Layout, rowBytesOf, vectorsOf } from './layout.ts';
import { callTranspose, canStartFrom, lowerProduct, type Start } from './lower-product.ts';
import { lowerRankCounts, lowerTopIndices } from './lower-ranking.ts';
import type { Lowering } from './lowering.ts';

type Lower = (lowering: Lowering, node: Node) => void;

const input = (node: Node, i = 0): Tensor => node.inputs[i] as Tensor;
const output = (node: Node): Tensor => node.outputs[0] as Tensor;

/** Op number and the names of its constants in the kernels. */
const unaryKernels: Readonly<Record<string, readonly [string, string?, string?]>> = {
  sigmoid: ['SIGMOID'],
  tanh: ['TANH'],
  step: ['STEP'],
  relu: ['RELU'],
  'leaky-relu': ['LEAKY_RELU', 'alpha'],
  elu: ['ELU', 'alpha'],
  exp: ['EXP'],
  log: ['LOG'],
  sqrt: ['SQRT'],
  affine: ['AFFINE', 'scale', 'shift'],
};

function lowerUnary(lowering: Lowering, node: Node): void {
  const [name, p, q] = unaryKernels[node.op] ?? ['COPY'];
  const x = lowering.dense(input(node));
  const out = lowering.allocate(output(node));
  const float = (key: string | undefined): { float: number } => ({
    float: key ? Number(node.attributes[key]) : 0,
  });
  const args = [lowering.constant(name), at(x), at(out), x.rows, x.stride, float(p), float(q)];
  const inPlace = [out.buffer, x.buffer] as const;
  lowering.call('UNARY', args, { rows: x.rows, own: [x.buffer], writes: [out.buffer], inPlace });
}

/** Row stride of an operand, and whether it is one float a row. */
function stretched(x: Layout, out: Layout): [number, number] {
  const one = x.cols === 1 && out.cols > 1;
  return [x.rows === 1 ? 0 : x.stride, one ? 1 : 0];
}

function lowerBinary(lowering: Lowering, node: Node): void {
  const [ta, tb] = [input(node, 0), input(node, 1)];
  if (node.op === 'add' && lowerFusedAdd(lowering, node)) return;
  const [a, b] = [lowering.dense(ta), lowering.dense(tb)];
  const out = lowering.allocate(output(node));
  const full = (x: Layout): boolean => x.rows === out.rows && x.cols === out.cols;
  const reused = full(a) && lowering.useCount.get(ta.id) === 1 ? a : b;
  const op = lowering.constant(node.op.toUpperCase());
  const details = {
    rows: out.rows,
    own: [a, b].filter((x) => x.rows === out.rows).map((x) => x.buffer),
    writes: [out.buffer],
    ...(full(reused) ? { inPlace: [out.buffer, reused.buffer] as const } : {}),
  };
  if ((full(a) || a.rows * a.cols === 1) && (full(b) || b.rows * b.cols === 1)) {
    const one = (x: Layout): number => (full(x) ? 0 : 1);
    const args = [op, at(a), one(a), at(b), one(b), at(out), out.rows, out.stride];
    lowering.call('BINARY_RUN', args, details);
  } else {
    const operands = [at(a), ...stretched(a, out), at(b), ...stretched(b, out)];
    lowering.call('BINARY', [op, ...operands, at(out), out.stride, out.rows, vectorsOf(out)], details);
  }
}

/** The product that an addition can take in, and what it then starts from. */
function fusedProduct(lowering: Lowering, node: Node): { product: Node; other: Tensor } | undefined {
  for (const i of [1, 0]) {
    const [tensor, other] = [input(node, i), input(node, 1 - i)];
    const product = lowering.producers.get(tensor.id);
    if (product?.op !== 'matmul' || lowering.useCount.get(tensor.id) !== 1) continue;
    const out = output(node);
    if (tensor.rows !== out.rows || tensor.cols !== out.cols) continue;
    const same = other.rows === out.rows && other.cols === out.cols;
    const kind = same
      ? 'accumulate'
      : other.rows === 1 && other.cols > 1
        ? 'row'
        : other.cols === 1
          ? 'column'
          : 'zero';
    if (
      kind === 'zero' ||
      (kind === 'column' && other.rows === 1) ||
      !canStartFrom(product, kind, lowering.threads)
    )
      continue;
    if (same && !(lowering.useCount.get(other.id) === 1 && lowering.ownsMemory(other))) continue;
    return { product, other };
  }
  return undefined;
}

/** Marks products that run inside an addition, before anything is emitted. */
export function deferProducts(lowering: Lowering): void {
  for (const node of lowering.program.nodes) {
    if (node.op !== 'add') continue;
    const found = fusedProduct(lowering, node);
    if (found && !lowering.deferred.has(found.product)) lowering.deferred.add(found.product);
  }
}

function lowerFusedAdd(lowering: Lowering, node: Node): boolean {
  const found = fusedProduct(lowering, node);
  if (!found || !lowering.deferred.has(found.product)) return false;
  const other = lowering.dense(found.other);
  const out = output(node);
  let start: Start = { kind: 'accumulate', onto: other };
  if (other.rows !== out.rows || other.cols !== out.cols) {
    start = other.cols === 1 ? { kind: 'column', column: other } : { kind: 'row', row: other };
  }
  lowerProduct(lowering, found.product, out, start);
  return true;
}

function lowerReduction(lowering: Lowering, node: Node): void {
  const x = lowering.dense(input(node));
  const out = lowering.allocate(output(node));
  const name = node.op.toUpperCase();
  const writes = [out.buffer];
  if (node.attributes.axis === 1) {
    const args = [at(x), x.stride, x.rows, x.cols, at(out)];
    lowering.call(`${name}_COLS`, args, { rows: x.rows, own: [x.buffer], writes });
  } else if (x.cols === 1) {
    // A single column lies dense, so its sum over rows is the sum of one row.
    lowering.call(`${name}_COLS`, [at(x), bytesOf(x), 1, x.rows, at(out)], { writes });
  } else lowering.call(`${name}_ROWS`, [at(x), x.stride, x.rows, vectorsOf(x), at(out)], { writes });
}

function lowerBroadcast(lowering: Lowering, node: Node): void {
  const x = lowering.dense(input(node));
  const out = lowering.allocate(output(node));
  const writes = [out.buffer];
  if (out.cols === 1) {
    lowering.call('BROADCAST', [at(x), 0, 1, at(out), 0, 1, allVectors(out)], { writes });
    return;
  }
  const args = [at(x), ...stretched(x, out), at(out), out.stride, out.rows, vectorsOf(out)];
  const own = x.rows === out.rows ? [x.buffer] : [];
  lowering.call('BROADCAST', args, { rows: out.rows, own, writes });
}

/** Vectors lie the same way standing and lying. */
function lowerTranspose(lowering: Lowering, node: Node): void {
  const x = lowering.dense(input(node));
  if (x.rows === 1 || x.cols === 1) {
    const { rows, cols } = output(node);
    lowering.define(output(node), { ...x, rows, cols, stride: cols === 1 ? 4 : bytesOf(x) });
    return;
  }
  callTranspose(lowering, x, lowering.allocate(output(node)));
}

function lowerConcat(lowering: Lowering, node: Node): void {
  const [a, b] = [lowering.dense(input(node, 0)), lowering.dense(input(node, 1))];
  const out = lowering.allocate(output(node));
  const args = [at(a), a.rows, at(b), at(out), out.rows, out.stride];
  lowering.call('CONCAT', args, { rows: out.rows, writes: [out.buffer] });
}

function lowerSlice(lowering: Lowering, node: Node): void {
  const x = lowering.dense(input(node));
  const out = lowering.allocate(output(node));
  const from = Number(node.attributes.from) * x.stride;
  const args = [at(x, from), at(out), out.rows, out.stride];
  // Other rows of x than those of the result.
  lowering.call('COPY_ROWS', args, { rows: out.rows, writes: [out.buffer] });
}

function lowerConstant(lowering: Lowering, node: Node): void {
  const { rows, cols, dtype } = output(node);
  const shape = { rows, cols, dtype };
  const buffer = lowering.persistent(bytesOf(shape), (_words, floats) => {
    floats.fill(Number(node.attributes.value), buffer.address / 4, (buffer.address + bytesOf(shape)) / 4);
  });
  lowering.define(output(node), { ...lowering.scratch(shape), buffer });
}

function lowerDropoutMask(lowering: Lowering, node: Node): void {
  const out = lowering.allocate(output(node));
  const p = Number(node.attributes.p);
  const threshold = Math.floor(p * 2 ** 32);
  const numbers = [Number(node.attributes.stream), threshold | 0, { float: 1 / (1 - p) }];
  const philox = lowering.dense(input(node));
  const args = [at(philox), ...numbers, at(out), out.stride, out.rows, out.cols];
  lowering.call('DROPOUT_MASK', args, { rows: out.rows, writes: [out.buffer] });
}

function lowerScatterRows(lowering: Lowering, node: Node): void {
  const [rows, indices] = [lowering.dense(input(node, 0)), lowering.dense(input(node, 1))];
  const out = lowering.allocate(output(node));
  const args = [
    at(rows),
    rows.stride,
    at(indices),
    rows.rows,
    at(out),
    out.rows,
    out.stride,
    rowBytesOf(out),
  ];
  lowering.call('SCATTER_ROWS', args, { rows: out.rows, writes: [out.buffer] });
}

/** Equal indices are found by hashing, as no table bounds them. */
function lowerMergeRows(lowering: Lowering, node: Node): void {
  const [rows, indices] = [lowering.dense(input(node, 0)), lowering.dense(input(node, 1))];
  const out = lowering.allocate(output(node));
  const slots = 2 ** Math.ceil(Math.log2(2 * rows.rows));
  const buffer = lowering.temporary(8 * slots);
  const args = [at(rows), at(indices), rows.rows, at({ buffer }), slots, at(out), out.stride];
  lowering.call('MERGE_ROWS', args, { writes: [buffer, out.buffer] });
}

const lowerings: Readonly<Record<string, Lower>> = {
  gather: (l, node) => l.defineGathered(output(node), l.dense(input(node, 0)), l.dense(input(node, 1))),
  'scatter-rows': lowerScatterRows,
  'merge-rows': lowerMergeRows,
  matmul: (l, node) => lowerProduct(l, node, output(node)),
  add: lowerBinary,
  subtract: lowerBinary,
  multiply: lowerBinary,
  divide: lowerBinary,
  ...Object.fromEntries(Object.keys(unaryKernels).map((op) => [op, lowerUnary])),
  sum: lowerReduction,
  max: lowerReduction,
  broadcast: lowerBroadcast,
  'stop-gradient': (l, node) => l.define(output(node), l.dense(input(node))),
  transpose: lowerTranspose,
  diagonal: (l, node) => {
    const x = l.dense(input(node));
    const out = l.allocate(output(node));
    l.call('DIAGONAL', [at(x), x.stride, x.cols, at(out)], { writes: [out.buffer] });
  },
  'from-diagonal': (l, node) => {
    const x = l.dense(input(node));
    const out = l.allocate(output(node));
    l.call('FROM_DIAGONAL', [at(x), x.cols, at(out), out.stride, out.rows], { writes: [out.buffer] });
  },
  concat: lowerConcat,
  slice: lowerSlice,
  'rank-counts': lowerRankCounts,
  'top-indices': lowerTopIndices,
  constant: lowerConstant,
  'dropout-mask': lowerDropoutMask,
};

/**
 * Emits the calls of one node.
 * @throws RangeError if there is no kernel for it.
 */
export function lowerNode(lowering: Lowering, node: Node): void {
  if (lowering.deferred.has(node)) return;
  const lower = node.region
    ? fusedLosses[node.region.name.replace(/\.gradient$/, '')]?.lower
    : lowerings[node.op];
  if (!lower) throw new RangeError(`engine-wasm: no kernel for ${node.region?.name ?? node.op}`);
  lower(lowering, node);
}
