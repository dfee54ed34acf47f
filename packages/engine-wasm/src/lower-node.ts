import { inputOf, type Node, type OpName, outputOf, type Tensor } from '@gru4rec/program';
import { fusedLosses } from './fused-losses.ts';
import type { Address, KernelArguments } from './kernel-call.ts';
import { allVectors, byRows, bytesOf, type Layout, rowBytesOf, vectorsOf } from './layout.ts';
import { callTranspose, canStartFrom, lowerProduct, type Start } from './lower-product.ts';
import { lowerAdjust, lowerRankCounts, lowerTopIndices } from './lower-ranking.ts';
import type { ProgramLowering } from './lowering.ts';

type Lower = (lowering: ProgramLowering, node: Node) => void;

function unary(op: KernelArguments<'UNARY'>['op'], p?: string, q?: string): Lower {
  return (lowering, node) => {
    const x = lowering.dense(inputOf(node));
    const out = lowering.allocate(outputOf(node));
    const constant = (key: string | undefined): number => (key ? Number(node.attributes[key]) : 0);
    const { rows, stride } = x;
    const inPlace = [out.buffer, x.buffer] as const;
    lowering.call('UNARY', { op, x, out, rows, stride, p: constant(p), q: constant(q) }, { inPlace });
  };
}

/** Distance from one row of an operand to the next (0 repeats a row), and whether the operand is one float per row. */
function stretched(x: Layout, out: Layout): { stride: number; one: boolean } {
  return { stride: x.rows === 1 ? 0 : x.stride, one: x.cols === 1 && out.cols > 1 };
}

function lowerBinary(lowering: ProgramLowering, node: Node, op: KernelArguments<'BINARY'>['op']): void {
  const [ta, tb] = [inputOf(node, 0), inputOf(node, 1)];
  if (op === 'ADD' && lowerFusedAdd(lowering, node)) return;
  const [left, right] = [lowering.dense(ta), lowering.dense(tb)];
  const out = lowering.allocate(outputOf(node));
  const full = (x: Layout): boolean => x.rows === out.rows && x.cols === out.cols;
  const reused = full(left) && lowering.useCount.get(ta.id) === 1 ? left : right;
  const details = full(reused) ? { inPlace: [out.buffer, reused.buffer] as const } : {};
  const operand = (x: Layout): Address => (x.rows === out.rows ? byRows(x) : x);
  const common = { op, a: operand(left), b: operand(right), out, rows: out.rows };
  const whole = (x: Layout): boolean => full(x) || x.rows * x.cols === 1;
  if (whole(left) && whole(right)) {
    const ones = { oneA: !full(left), oneB: !full(right) };
    lowering.call('BINARY_RUN', { ...common, ...ones, stride: out.stride }, details);
    return;
  }
  const [a, b] = [stretched(left, out), stretched(right, out)];
  const steps = { strideA: a.stride, oneA: a.one, strideB: b.stride, oneB: b.one, strideOut: out.stride };
  lowering.call('BINARY', { ...common, ...steps, vectors: vectorsOf(out) }, details);
}

/** The product that an addition can fuse, and the value that the product then starts from. */
function addedProduct(lowering: ProgramLowering, node: Node): { product: Node; other: Tensor } | undefined {
  for (const i of [1, 0]) {
    const [tensor, other] = [inputOf(node, i), inputOf(node, 1 - i)];
    const product = lowering.producers.get(tensor.id);
    if (product?.op !== 'matmul' || lowering.useCount.get(tensor.id) !== 1) continue;
    const out = outputOf(node);
    if (tensor.rows !== out.rows || tensor.cols !== out.cols) continue;
    const same = other.rows === out.rows && other.cols === out.cols;
    if (!same && (other.rows === 1) === (other.cols === 1)) continue;
    const kind = same ? 'accumulate' : other.rows === 1 ? 'row' : 'column';
    if (!canStartFrom(product, kind, lowering.threads)) continue;
    if (same && !(lowering.useCount.get(other.id) === 1 && lowering.ownsMemory(other))) continue;
    return { product, other };
  }
  return undefined;
}

/** Marks products that run inside an addition. Must run before any call is emitted. */
export function deferProducts(lowering: ProgramLowering): void {
  for (const node of lowering.program.nodes) {
    if (node.op !== 'add') continue;
    const fused = addedProduct(lowering, node);
    if (fused) lowering.deferred.add(fused.product);
  }
}

function lowerFusedAdd(lowering: ProgramLowering, node: Node): boolean {
  const fused = addedProduct(lowering, node);
  if (!fused || !lowering.deferred.has(fused.product)) return false;
  const other = lowering.dense(fused.other);
  const out = outputOf(node);
  let start: Start = { kind: 'accumulate', onto: other };
  if (other.rows !== out.rows || other.cols !== out.cols) {
    start = other.cols === 1 ? { kind: 'column', column: other } : { kind: 'row', row: other };
  }
  lowerProduct(lowering, fused.product, out, start);
  return true;
}

function lowerReduction(lowering: ProgramLowering, node: Node): void {
  const x = lowering.dense(inputOf(node));
  const out = lowering.allocate(outputOf(node));
  const kernels =
    node.op === 'sum' ? (['SUM_ROWS', 'SUM_COLS'] as const) : (['MAX_ROWS', 'MAX_COLS'] as const);
  const [overRows, overColumns] = kernels;
  const { stride, rows, cols } = x;
  if (node.attributes.axis === 1) lowering.call(overColumns, { x, stride, rows, cols, out });
  // A single column is dense, so it is reduced like one row.
  else if (cols === 1) lowering.call(overColumns, { x, stride: bytesOf(x), rows: 1, cols: rows, out });
  else lowering.call(overRows, { x, stride, rows, vectors: vectorsOf(x), out });
}

function lowerBroadcast(lowering: ProgramLowering, node: Node): void {
  const x = lowering.dense(inputOf(node));
  const out = lowering.allocate(outputOf(node));
  if (out.cols === 1) {
    // A dense column is filled like one row.
    const run = { x: byRows(x), strideX: 0, one: true, out, stride: 0, rows: 1, vectors: allVectors(out) };
    lowering.call('BROADCAST', run);
    return;
  }
  const { stride: strideX, one } = stretched(x, out);
  const from = x.rows === out.rows ? byRows(x) : x;
  const { stride, rows } = out;
  lowering.call('BROADCAST', { x: from, strideX, one, out, stride, rows, vectors: vectorsOf(out) });
}

/** A transposed row or column shares its memory, because both are stored alike. */
function lowerTranspose(lowering: ProgramLowering, node: Node): void {
  const x = lowering.dense(inputOf(node));
  if (x.rows === 1 || x.cols === 1) {
    const { rows, cols } = outputOf(node);
    lowering.define(outputOf(node), { ...x, rows, cols, stride: cols === 1 ? 4 : bytesOf(x) });
    return;
  }
  callTranspose(lowering, x, lowering.allocate(outputOf(node)));
}

function lowerConcat(lowering: ProgramLowering, node: Node): void {
  const [a, b] = [lowering.dense(inputOf(node, 0)), lowering.dense(inputOf(node, 1))];
  const out = lowering.allocate(outputOf(node));
  const { rows, stride } = out;
  lowering.call('CONCAT', { a, rowsA: a.rows, b, out, rows, stride, bytes: rowBytesOf(out) });
}

function lowerSlice(lowering: ProgramLowering, node: Node): void {
  const x = lowering.dense(inputOf(node));
  const out = lowering.allocate(outputOf(node));
  // Not `byRows`, because the rows of x are not those of the result.
  const src = { buffer: x.buffer, offset: Number(node.attributes.from) * x.stride };
  lowering.call('COPY_ROWS', { src, dst: out, rows: out.rows, stride: out.stride });
}

function lowerConstant(lowering: ProgramLowering, node: Node): void {
  const { rows, cols, dtype } = outputOf(node);
  const shape = { rows, cols, dtype };
  const buffer = lowering.persistent(bytesOf(shape), (_words, floats) => {
    floats.fill(Number(node.attributes.value), buffer.address / 4, (buffer.address + bytesOf(shape)) / 4);
  });
  lowering.define(outputOf(node), { ...lowering.scratch(shape), buffer });
}

function lowerDropoutMask(lowering: ProgramLowering, node: Node): void {
  const out = lowering.allocate(outputOf(node));
  const p = Number(node.attributes.p);
  const philox = lowering.dense(inputOf(node));
  const numbers = { stream: Number(node.attributes.stream), threshold: Math.floor(p * 2 ** 32) };
  const { stride, rows, cols } = out;
  lowering.call('DROPOUT_MASK', { philox, ...numbers, scale: 1 / (1 - p), out, stride, rows, cols });
}

function lowerScatterRows(lowering: ProgramLowering, node: Node): void {
  const [rows, indices] = [lowering.dense(inputOf(node, 0)), lowering.dense(inputOf(node, 1))];
  const out = lowering.allocate(outputOf(node));
  const { rows: outRows, stride } = out;
  const shared = { rows, strideRows: rows.stride, indices, k: indices.rows / rows.rows, n: rows.rows };
  lowering.call('SCATTER_ROWS', { ...shared, out, outRows, stride, bytes: rowBytesOf(out) });
}

/** Gathered rows of x are read where they are. */
function lowerAddRows(lowering: ProgramLowering, node: Node): void {
  const x = lowering.rows(inputOf(node, 0));
  const [table, indices] = [lowering.dense(inputOf(node, 1)), lowering.dense(inputOf(node, 2))];
  const out = lowering.allocate(outputOf(node));
  const { stride, rows: n } = out;
  const shared = { table, strideTable: table.stride, indices, k: indices.rows / n };
  lowering.call('ADD_ROWS', { x, out, stride, n, ...shared, bytes: rowBytesOf(out) });
}

/** Finds equal indices by hashing, because no table bounds them. */
function lowerMergeRows(lowering: ProgramLowering, node: Node): void {
  const [rows, indices] = [lowering.dense(inputOf(node, 0)), lowering.dense(inputOf(node, 1))];
  const out = lowering.allocate(outputOf(node));
  const slots = 2 ** Math.ceil(Math.log2(2 * indices.rows));
  const map = lowering.temporary(8 * slots);
  const shared = { rows, strideRows: rows.stride, indices, k: indices.rows / rows.rows, n: rows.rows };
  lowering.call('MERGE_ROWS', { ...shared, map, slots, out, stride: out.stride });
}

const lowerings: Readonly<Record<OpName, Lower>> = {
  gather: (l, node) => l.defineGathered(outputOf(node), l.dense(inputOf(node, 0)), l.dense(inputOf(node, 1))),
  'scatter-rows': lowerScatterRows,
  'merge-rows': lowerMergeRows,
  'add-rows': lowerAddRows,
  matmul: (l, node) => lowerProduct(l, node, outputOf(node)),
  add: (l, node) => lowerBinary(l, node, 'ADD'),
  subtract: (l, node) => lowerBinary(l, node, 'SUBTRACT'),
  multiply: (l, node) => lowerBinary(l, node, 'MULTIPLY'),
  divide: (l, node) => lowerBinary(l, node, 'DIVIDE'),
  affine: unary('AFFINE', 'scale', 'shift'),
  sigmoid: unary('SIGMOID'),
  tanh: unary('TANH'),
  step: unary('STEP'),
  relu: unary('RELU'),
  'leaky-relu': unary('LEAKY_RELU', 'alpha'),
  elu: unary('ELU', 'alpha'),
  exp: unary('EXP'),
  log: unary('LOG'),
  sqrt: unary('SQRT'),
  sum: lowerReduction,
  max: lowerReduction,
  broadcast: lowerBroadcast,
  'stop-gradient': (l, node) => l.define(outputOf(node), l.dense(inputOf(node))),
  transpose: lowerTranspose,
  diagonal: (l, node) => {
    const x = l.dense(inputOf(node));
    const out = l.allocate(outputOf(node));
    l.call('DIAGONAL', { x, stride: x.stride, cols: x.cols, out });
  },
  'from-diagonal': (l, node) => {
    const x = l.dense(inputOf(node));
    const out = l.allocate(outputOf(node));
    l.call('FROM_DIAGONAL', { x, cols: x.cols, out, stride: out.stride, rows: out.rows });
  },
  concat: lowerConcat,
  slice: lowerSlice,
  'rank-counts': lowerRankCounts,
  'top-indices': lowerTopIndices,
  'top-allowed': lowerTopIndices,
  adjust: lowerAdjust,
  constant: lowerConstant,
  'dropout-mask': lowerDropoutMask,
};

export function lowerNode(lowering: ProgramLowering, node: Node): void {
  if (lowering.deferred.has(node)) return;
  const lower = node.region
    ? fusedLosses[node.region.name.replace(/\.gradient$/, '')]?.lower
    : lowerings[node.op];
  if (!lower) throw new RangeError(`engine-wasm: no kernel for ${node.region?.name ?? node.op}`);
  lower(lowering, node);
}
