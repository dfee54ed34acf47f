import type { Node, Tensor } from '@gru4rec/program';
import type { Address } from './kernel-call.ts';
import { byRows, type Layout, vectorsOf } from './layout.ts';
import type { ProgramLowering } from './lowering.ts';

/**
 * How a product maps to kernels. `nn`: rows · matrix. `nt`: the same after transposing b. `tn`: columns · rows.
 * `flipped`: the transposed product with `nn`, transposed afterwards. `dots`: each row of b times the one row of a.
 * `scalar`: element by element, for operands of a single column.
 */
type Plan = 'nn' | 'nt' | 'tn' | 'flipped' | 'dots' | 'scalar';

/** The value that a product starts from: zeros, a row, a column, or the output itself. */
export type Start =
  | { readonly kind: 'zero' }
  | { readonly kind: 'row'; readonly row: Layout }
  | { readonly kind: 'column'; readonly column: Layout }
  | { readonly kind: 'accumulate'; readonly onto: Layout };

function operands(node: Node): [Tensor, Tensor, Tensor, boolean, boolean] {
  const [a, b] = node.inputs as [Tensor, Tensor];
  const [out] = node.outputs as [Tensor];
  return [a, b, out, node.attributes.transposeA === true, node.attributes.transposeB === true];
}

/** Transposing b may cost this many times more than transposing a and the result: the split by rows of a needs no barriers. */
const WORTH_NO_BARRIERS = 4;

function planOf(node: Node, threads: number): Plan {
  const [a, b, out, tA, tB] = operands(node);
  if (a.cols === 1 || b.cols === 1 || out.cols === 1) return 'scalar';
  if (tA) return tB ? 'flipped' : 'tn';
  if (!tB) return 'nn';
  if (a.rows === 1) return 'dots';
  // Either b is transposed, or a and the result.
  const flipping = out.rows * (out.cols + a.cols) * (threads > 1 ? WORTH_NO_BARRIERS : 1);
  return b.rows * b.cols <= flipping ? 'nt' : 'flipped';
}

export function canStartFrom(node: Node, kind: Start['kind'], threads: number): boolean {
  const plan = planOf(node, threads);
  if (plan === 'nn' || plan === 'nt') return true;
  return plan === 'tn' && kind !== 'column';
}

/** Whether a product is rows times a matrix with neither transposed, which a row update can compute block by block. */
export function isRowsTimesMatrix(node: Node): boolean {
  return planOf(node, 1) === 'nn';
}

export function lowerProduct(
  lowering: ProgramLowering,
  node: Node,
  target: Tensor,
  start: Start = { kind: 'zero' },
): void {
  const [a, b] = operands(node);
  const plan = planOf(node, lowering.threads);
  const out = start.kind === 'accumulate' ? lowering.define(target, start.onto) : lowering.allocate(target);
  switch (plan) {
    case 'scalar':
      lowerScalar(lowering, node, out);
      break;
    case 'tn':
      callTn(lowering, lowering.dense(a), b, out, start);
      break;
    case 'nn':
      callNn(lowering, a, lowering.dense(b), out, start);
      break;
    case 'nt':
      callNn(lowering, a, transposed(lowering, lowering.dense(b)), out, start);
      break;
    case 'dots':
      callDots(lowering, lowering.dense(a), b, out);
      break;
    case 'flipped':
      lowerFlipped(lowering, node, out);
  }
}

/** Computes a·bᵀ as the transpose of b·aᵀ. */
function lowerFlipped(lowering: ProgramLowering, node: Node, out: Layout): void {
  const [a, b, , tA] = operands(node);
  const flipped = lowering.scratch({ dtype: 'f32', rows: out.cols, cols: out.rows });
  const left = tA ? lowering.dense(a) : transposed(lowering, lowering.dense(a));
  callNn(lowering, b, left, flipped, { kind: 'zero' });
  callTranspose(lowering, flipped, out);
}

function transposed(lowering: ProgramLowering, x: Layout): Layout {
  const out = lowering.scratch({ dtype: 'f32', rows: x.cols, cols: x.rows });
  callTranspose(lowering, x, out);
  return out;
}

/** Emits a transposition. It is split by rows of x, which are columns of the result. */
export function callTranspose(lowering: ProgramLowering, x: Layout, out: Layout): void {
  const { stride: lds, rows, cols } = x;
  lowering.call('TRANSPOSE', { src: x, lds, dst: out, ldd: out.stride, rows, cols });
}

function callNn(lowering: ProgramLowering, a: Tensor, b: Layout, out: Layout, start: Start): void {
  const scattered = lowering.isGathered(a);
  const shared = {
    rows: lowering.rows(a),
    scattered,
    m: out.rows,
    k: b.rows,
    b,
    ldb: b.stride,
    ...resultArguments(out),
    mode: start.kind === 'column' ? 'INIT_SPLAT' : 'INIT_VECTOR',
    ...startArguments(lowering, start, out),
  } as const;
  lowering.call('NN', shared, { operations: 2 * out.rows * out.cols * b.rows });
}

function resultArguments(out: Layout): { out: Layout; ldo: number; vectors: number } {
  return { out, ldo: out.stride, vectors: vectorsOf(out) };
}

/** Ratio of inner to outer rows from which threads split the inner extent and add their sums afterwards. */
const LONG = 4;

function callTn(lowering: ProgramLowering, a: Layout, b: Tensor, out: Layout, start: Start): void {
  const factors = { a, lda: a.stride, rows: lowering.rows(b), k: b.rows };
  const result = { ...resultArguments(out), m: out.rows };
  const init = startArguments(lowering, start, out);
  const operations = 2 * out.rows * out.cols * b.rows;
  if (lowering.threads === 1 || b.rows < LONG * out.rows) {
    lowering.call('TN', { ...factors, ...result, ...init }, { operations });
    return;
  }
  const { ldo, m, vectors } = result;
  const parts = lowering.shares('TN_PART', { ldo, m });
  const zeros = lowering.zeros(out.stride);
  lowering.call('TN_PART', { ...factors, parts, ldo, m, vectors, zeros }, { operations });
  lowering.call('SUM_PARTS', { parts, count: lowering.threads, ...result, ...init });
}

function callDots(lowering: ProgramLowering, a: Layout, b: Tensor, out: Layout): void {
  const shared = { rows: lowering.rows(b), m: b.rows, x: a, k: a.cols, out };
  lowering.call('ROW_DOTS', shared, { operations: 2 * b.rows * a.cols });
}

function startArguments(
  lowering: ProgramLowering,
  start: Start,
  out: Layout,
): { init: Address; initStride: number } {
  switch (start.kind) {
    case 'zero':
      return { init: lowering.zeros(out.stride), initStride: 0 };
    case 'row':
      return { init: start.row, initStride: 0 };
    case 'column':
      return { init: byRows(start.column), initStride: 4 };
    case 'accumulate':
      return { init: byRows(out), initStride: out.stride };
  }
}

function lowerScalar(lowering: ProgramLowering, node: Node, out: Layout): void {
  const [ta, tb, , tA, tB] = operands(node);
  const [a, b] = [lowering.dense(ta), lowering.dense(tb)];
  const [sa, sb] = [a.stride / 4, b.stride / 4];
  const [ai, ak] = tA ? [1, sa] : [sa, 1];
  const [bk, bj] = tB ? [1, sb] : [sb, 1];
  const steps = { ai, ak, bk, bj, oi: out.stride / 4 };
  const extents = { m: out.rows, k: tA ? a.rows : a.cols, n: out.cols };
  lowering.call('PRODUCT_SCALAR', { a: tA ? a : byRows(a), b, out, ...steps, ...extents });
}

export function productFactors(lowering: ProgramLowering, node: Node): { rows: Layout; matrix: Layout } {
  const [a, b] = operands(node);
  return { rows: lowering.dense(a), matrix: lowering.dense(b) };
}
