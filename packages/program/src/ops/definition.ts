import {
  type Attributes,
  describeShape,
  type Operation,
  type RowGradient,
  type Shape,
  type Tensor,
} from '../tensor.ts';

/** The gradient with respect to one input: a tensor of its shape, rows of a table, or none. */
export type InputGradient = Tensor | RowGradient | undefined;

/** A primitive op: its shape rule and its gradient rule. Engines compute the values. */
export interface OpDefinition {
  /** Shape of the output. @throws RangeError naming the op and the shapes that do not fit. */
  infer(inputs: readonly Tensor[], attributes: Attributes): Shape;
  /**
   * Appends the vector-Jacobian product to `graph`. An op without a rule has no gradient.
   *
   * @param gradient - cotangent of the output, of its shape.
   * @returns one entry per input, in order.
   */
  gradient?(graph: OpMethods, node: Operation, gradient: Tensor): readonly InputGradient[];
}

export function shapeError(op: string, expected: string, inputs: readonly Shape[]): never {
  throw new RangeError(`${op}: expected ${expected}, got ${inputs.map(describeShape).join(' and ')}`);
}

export function sameShape(op: string, inputs: readonly Tensor[]): Shape {
  const [x] = inputs;
  if (x === undefined || inputs.length !== 1 || x.dtype !== 'f32') shapeError(op, 'one f32 tensor', inputs);
  return { dtype: 'f32', rows: x.rows, cols: x.cols };
}

/** Shape of a binary element-wise op that broadcasts a row, column or scalar to the other side. */
export function broadcastShape(op: string, inputs: readonly Tensor[]): Shape {
  const [a, b] = inputs;
  const fits = (p: number, q: number): boolean => p === q || p === 1 || q === 1;
  if (a?.dtype !== 'f32' || b?.dtype !== 'f32' || !fits(a.rows, b.rows) || !fits(a.cols, b.cols)) {
    shapeError(op, 'two f32 tensors whose extents are equal or 1', inputs);
  }
  return { dtype: 'f32', rows: Math.max(a.rows, b.rows), cols: Math.max(a.cols, b.cols) };
}

/** Sums a gradient over the extents along which `target` was broadcast. */
export function sumTo(graph: OpMethods, gradient: Tensor, target: Tensor): Tensor {
  let sum = gradient;
  if (target.rows === 1 && sum.rows > 1) sum = graph.sum(sum, 0);
  if (target.cols === 1 && sum.cols > 1) sum = graph.sum(sum, 1);
  return sum;
}

/** The ops as methods. Each appends one op and returns its output. */
export abstract class OpMethods {
  /** Appends a primitive op. @throws RangeError if the shapes do not fit. */
  abstract apply(op: string, inputs: readonly Tensor[], attributes?: Attributes): Tensor;

  /** Rows of a table, [n, cols]; −1 gives zeros. */
  gather(table: Tensor, indices: Tensor): Tensor {
    return this.apply('gather', [table, indices]);
  }
  /** x plus, for each of its rows i, Σ table[indices[k·i + j]] over j < k; −1 adds nothing. */
  addRows(x: Tensor, table: Tensor, indices: Tensor): Tensor {
    return this.apply('add-rows', [x, table, indices]);
  }
  /** [count, cols] whose row i is the sum of the rows with index i, of which each has k; −1 is skipped. */
  scatterRows(rows: Tensor, indices: Tensor, count: number): Tensor {
    return this.apply('scatter-rows', [rows, indices], { rows: count });
  }
  /** [n·k, cols]: sums of the rows of each distinct index, in order of first appearance, then zeros; −1 is skipped. No gradient. */
  mergeRows(rows: Tensor, indices: Tensor): Tensor {
    return this.apply('merge-rows', [rows, indices]);
  }
  /** op(a)·op(b). */
  matmul(a: Tensor, b: Tensor, options: { transposeA?: boolean; transposeB?: boolean } = {}): Tensor {
    const { transposeA = false, transposeB = false } = options;
    return this.apply('matmul', [a, b], { transposeA, transposeB });
  }
  /** a + b; a row, a column or a scalar is broadcast to the other side. */
  add(a: Tensor, b: Tensor): Tensor {
    return this.apply('add', [a, b]);
  }
  /** a − b, broadcast as in {@link add}. */
  subtract(a: Tensor, b: Tensor): Tensor {
    return this.apply('subtract', [a, b]);
  }
  /** a ∘ b (element-wise), broadcast as in {@link add}. */
  multiply(a: Tensor, b: Tensor): Tensor {
    return this.apply('multiply', [a, b]);
  }
  /** a / b (element-wise), broadcast as in {@link add}. */
  divide(a: Tensor, b: Tensor): Tensor {
    return this.apply('divide', [a, b]);
  }
  /** scale·x + shift. */
  affine(x: Tensor, scale: number, shift: number): Tensor {
    return scale === 1 && shift === 0 ? x : this.apply('affine', [x], { scale, shift });
  }
  /** σ(x) = 1 / (1 + e^−x). */
  sigmoid(x: Tensor): Tensor {
    return this.apply('sigmoid', [x]);
  }
  /** Hyperbolic tangent. */
  tanh(x: Tensor): Tensor {
    return this.apply('tanh', [x]);
  }
  /** 1 where x > 0, else 0; its gradient is 0 everywhere. */
  step(x: Tensor): Tensor {
    return this.apply('step', [x]);
  }
  /** max(x, 0). */
  relu(x: Tensor): Tensor {
    return this.apply('relu', [x]);
  }
  /** x where x > 0, else alpha·x. */
  leakyRelu(x: Tensor, alpha: number): Tensor {
    return this.apply('leaky-relu', [x], { alpha });
  }
  /** x where x > 0, else alpha·(e^x − 1) (Clevert 2015, arXiv:1511.07289, eq. 15). */
  elu(x: Tensor, alpha: number): Tensor {
    return this.apply('elu', [x], { alpha });
  }
  /** e^x. */
  exp(x: Tensor): Tensor {
    return this.apply('exp', [x]);
  }
  /** Natural logarithm. */
  log(x: Tensor): Tensor {
    return this.apply('log', [x]);
  }
  /** √x. */
  sqrt(x: Tensor): Tensor {
    return this.apply('sqrt', [x]);
  }
  /** Sum over the rows (axis 0, [1, cols]) or over the columns (axis 1, [rows, 1]). */
  sum(x: Tensor, axis: 0 | 1): Tensor {
    return this.apply('sum', [x], { axis });
  }
  /** Maximum over an axis, shaped as in {@link sum}. It has no gradient: use it under {@link stopGradient}. */
  max(x: Tensor, axis: 0 | 1): Tensor {
    return this.apply('max', [x], { axis });
  }
  /** A row, a column or a scalar repeated to [rows, cols]. */
  broadcast(x: Tensor, rows: number, cols: number): Tensor {
    return x.rows === rows && x.cols === cols ? x : this.apply('broadcast', [x], { rows, cols });
  }
  /** x, through which no gradient flows. */
  stopGradient(x: Tensor): Tensor {
    return this.apply('stop-gradient', [x]);
  }
  /** out[c, r] = x[r, c]. */
  transpose(x: Tensor): Tensor {
    return x.rows === 1 && x.cols === 1 ? x : this.apply('transpose', [x]);
  }
  /** [1, cols]: x[c, c] of x [rows ≥ cols, cols]. */
  diagonal(x: Tensor): Tensor {
    return this.apply('diagonal', [x]);
  }
  /** [rows, cols] with x [1, cols] on the diagonal and zeros elsewhere; rows ≥ cols. */
  fromDiagonal(x: Tensor, rows: number): Tensor {
    return this.apply('from-diagonal', [x], { rows });
  }
  /** The rows of a, then those of b; both have the same columns and dtype. */
  concat(a: Tensor, b: Tensor): Tensor {
    return this.apply('concat', [a, b]);
  }
  /** Rows `from` (inclusive) to `to` (exclusive). */
  slice(x: Tensor, from: number, to: number): Tensor {
    return this.apply('slice', [x], { from, to });
  }
  /**
   * [2, cols]: per column, how many rows are greater than the row that `indices` names, and how many are equal, itself included; 0
   * for −1. If a column with an index has a NaN, NaN and the row of the first NaN. It has no gradient.
   */
  rankCounts(x: Tensor, indices: Tensor): Tensor {
    return this.apply('rank-counts', [x, indices]);
  }
  /**
   * i32 [k, cols]: the rows of the k greatest values of each column, best first, equal ones by row; −1 where a column has fewer
   * than k rows, and in columns whose index is −1. A column with a NaN gives unspecified rows, each once. It has no gradient.
   */
  topIndices(x: Tensor, k: number, indices?: Tensor): Tensor {
    return this.apply('top-indices', indices ? [x, indices] : [x], { k });
  }
  /**
   * As `topIndices`, only of rows r whose bit r mod 32 is 1 in word ⌊r / 32⌋ of `allowed`, i32 [⌈n / 32⌉, 1]. Values of −∞ are not
   * listed.
   */
  topAllowed(x: Tensor, k: number, allowed: Tensor): Tensor {
    return this.apply('top-allowed', [x, allowed], { k });
  }
  /**
   * x [n, b] with scale[c, j]·x + added[c, j] in row rows[c, j] of column c. `rows` is i32 [b, k], `scale` and `added` are [b, k]. A
   * column names a row at most once; −1 is no row. It has no gradient.
   */
  adjust(x: Tensor, rows: Tensor, scale: Tensor, added: Tensor): Tensor {
    return this.apply('adjust', [x, rows, scale, added]);
  }
  /** [rows, cols] filled with `value`. */
  constant(value: number, rows = 1, cols = 1): Tensor {
    return this.apply('constant', [], { value, rows, cols });
  }
  /** See the op's definition for the counter layout. `philox` is i32 [4, 1]. */
  dropoutMask(philox: Tensor, shape: { rows: number; cols: number }, p: number, stream: number): Tensor {
    return this.apply('dropout-mask', [philox], { rows: shape.rows, cols: shape.cols, p, stream });
  }
}
