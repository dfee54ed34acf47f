import type { Node, Tensor } from '@gru4rec/program';
import { at, type Layout, vectorsOf } from './layout.ts';
import type { Lowering } from './lowering.ts';
import { type Argument, type Buffer, buffersIn } from './memory-plan.ts';

/**
 * How a product maps to the kernels: `nn` rows · matrix; `nt` the same after transposing b; `tn` columns · rows;
 * `flipped` the transposed product by `nn`, then transposed; `dots` each row of b with the one row of a;
 * `scalar` element by element, for operands of a single column.
 */
type Plan = 'nn' | 'nt' | 'tn' | 'flipped' | 'dots' | 'scalar';

/** What a product starts from instead of zeros. */
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

/**
 * How much more transposing b may cost on several threads than transposing a and the result: the product then goes by
 * the rows of a, like what comes before and after it, and needs no barriers.
 */
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

/** Whether a product can start from `start`. */
export function canStartFrom(node: Node, kind: Start['kind'], threads: number): boolean {
  const plan = planOf(node, threads);
  if (plan === 'nn' || plan === 'nt') return true;
  return plan === 'tn' && kind !== 'column';
}

/** Whether a product is rows times a matrix as it lies, so that a row update can do it in blocks. */
export function isRowsTimesMatrix(node: Node): boolean {
  return planOf(node, 1) === 'nn';
}

/** Emits the product into memory of its own, or onto what it starts from. */
export function lowerProduct(
  lowering: Lowering,
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

/** a·bᵀ as the transpose of b·aᵀ. */
function lowerFlipped(lowering: Lowering, node: Node, out: Layout): void {
  const [a, b, , tA] = operands(node);
  const flipped = lowering.scratch({ dtype: 'f32', rows: out.cols, cols: out.rows });
  const left = tA ? lowering.dense(a) : transposed(lowering, lowering.dense(a));
  callNn(lowering, b, left, flipped, { kind: 'zero' });
  callTranspose(lowering, flipped, out);
}

function transposed(lowering: Lowering, x: Layout): Layout {
  const out = lowering.scratch({ dtype: 'f32', rows: x.cols, cols: x.rows });
  callTranspose(lowering, x, out);
  return out;
}

/** Split by rows of x, so by columns of the result. */
export function callTranspose(lowering: Lowering, x: Layout, out: Layout): void {
  lowering.call('TRANSPOSE', [at(x), x.stride, at(out), out.stride, x.rows, x.cols], {
    rows: x.rows,
    own: [x.buffer],
    writes: [{ buffer: out.buffer, by: 'scatter' }],
  });
}

function callNn(lowering: Lowering, a: Tensor, b: Layout, out: Layout, start: Start): void {
  const { list, uses } = lowering.rows(a);
  const [mode, init, initStride] = initArguments(lowering, start, out);
  const gathered = lowering.isGathered(a);
  const extents = [gathered ? 1 : 0, out.rows, b.rows];
  const args = [at({ buffer: list }), ...extents, at(b), b.stride, at(out), out.stride, vectorsOf(out)];
  const own = [list, ...(gathered ? [] : uses), ...(initStride === 0 ? [] : buffersIn([init]))];
  const operations = 2 * out.rows * out.cols * b.rows;
  const details = { uses, rows: out.rows, own, writes: [out.buffer], operations };
  lowering.call('NN', [...args, mode, init, initStride], details);
}

/** Times more inner than outer rows from which threads split the inner extent and sum up afterwards. */
const LONG = 4;

function callTn(lowering: Lowering, a: Layout, b: Tensor, out: Layout, start: Start): void {
  const { list, uses } = lowering.rows(b);
  const [, init, initStride] = initArguments(lowering, start, out);
  const factors = [at(a), a.stride, at({ buffer: list }), b.rows];
  const extents = [out.stride, out.rows, vectorsOf(out)];
  const own = initStride === 0 ? [] : buffersIn([init]);
  const operations = 2 * out.rows * out.cols * b.rows;
  if (lowering.threads === 1 || b.rows < LONG * out.rows) {
    const args = [...factors, at(out), ...extents, init, initStride];
    lowering.call('TN', args, { uses, rows: out.rows, own, writes: [out.buffer], operations });
    return;
  }
  const parts = lowering.temporary(lowering.threads * out.stride * out.rows);
  const zeros = lowering.zeros(out.stride);
  lowering.call('TN_PART', [...factors, at({ buffer: parts }), ...extents, zeros], {
    uses,
    rows: b.rows,
    own: [a.buffer, list, ...(lowering.isGathered(b) ? [] : uses)],
    writes: [{ buffer: parts, by: 'scatter' }],
    operations,
  });
  const sum = [at({ buffer: parts }), lowering.threads, at(out), ...extents, init, initStride];
  lowering.call('SUM_PARTS', sum, { rows: out.rows, own, writes: [out.buffer] });
}

/** out [1, N] lies dense like a column. */
function callDots(lowering: Lowering, a: Layout, b: Tensor, out: Layout): void {
  const { list, uses } = lowering.rows(b);
  const own = [list, ...(lowering.isGathered(b) ? [] : uses)];
  const args = [at({ buffer: list }), b.rows, at(a), a.cols, at(out)];
  // As the single row of `out` it belongs to the first thread.
  const writes = [{ buffer: out.buffer, by: 'scatter' as const }];
  lowering.call('ROW_DOTS', args, { uses, rows: b.rows, own, writes, operations: 2 * b.rows * a.cols });
}

function initArguments(lowering: Lowering, start: Start, out: Layout): [number, Argument, number] {
  const vector = lowering.constant('INIT_VECTOR');
  switch (start.kind) {
    case 'zero':
      return [vector, lowering.zeros(out.stride), 0];
    case 'row':
      return [vector, at(start.row), 0];
    case 'column':
      return [lowering.constant('INIT_SPLAT'), at(start.column), 4];
    case 'accumulate':
      return [vector, at(out), out.stride];
  }
}

function lowerScalar(lowering: Lowering, node: Node, out: Layout): void {
  const [ta, tb, , tA, tB] = operands(node);
  const [a, b] = [lowering.dense(ta), lowering.dense(tb)];
  const [sa, sb] = [a.stride / 4, b.stride / 4];
  const inner = tA ? a.rows : a.cols;
  const left = tA ? [1, sa] : [sa, 1];
  const right = tB ? [1, sb] : [sb, 1];
  const extents = [out.stride / 4, out.rows, inner, out.cols];
  const own = tA ? [] : [a.buffer];
  const args = [at(a), ...left, at(b), ...right, at(out), ...extents];
  lowering.call('PRODUCT_SCALAR', args, { rows: out.rows, own, writes: [out.buffer] });
}

/** The factors of a product that a row update does by itself: rows of `a`, and the matrix. */
export function productFactors(
  lowering: Lowering,
  node: Node,
): { rows: Layout; matrix: Layout; uses: Buffer[] } {
  const [a, b] = operands(node);
  const [rows, matrix] = [lowering.dense(a), lowering.dense(b)];
  return { rows, matrix, uses: [rows.buffer, matrix.buffer] };
}
