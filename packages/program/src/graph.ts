import { type OpName, opDefinition } from './ops/registry.ts';
import { type Attributes, describeShape, type Node, type Region, type Shape, type Tensor } from './tensor.ts';

/** One tensor per entry of a list or tuple, so that a region's body is typed by the number of its inputs. */
export type TensorPerEntry<List extends readonly unknown[]> = { readonly [Entry in keyof List]: Tensor };

/** Hands out tensor ids that are unique across a program and the bodies of its regions. */
export interface IdSource {
  next: number;
}

/**
 * A growing list of ops. Every method appends one op and returns its output. If the graph already has an op with the same
 * inputs and attributes, its output is returned instead.
 */
export class Graph {
  readonly nodes: Node[] = [];
  readonly ids: IdSource;
  readonly #known = new Map<string, readonly Tensor[]>();

  constructor(ids: IdSource = { next: 0 }) {
    this.ids = ids;
  }

  /** A new value that no op of this graph writes. */
  source(shape: Shape): Tensor {
    return { id: this.ids.next++, dtype: shape.dtype, rows: shape.rows, cols: shape.cols };
  }

  /** Appends a primitive op. @throws RangeError if the shapes do not fit. */
  apply(op: OpName, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
    const known = this.#known.get(key(op, inputs, attributes));
    if (known?.[0]) return known[0];
    const output = this.source(opDefinition(op).infer(inputs, attributes));
    this.#append({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /**
   * Appends a named part composed of primitive ops.
   * @param compose - builds the body on a separate graph: takes one tensor per input, returns the outputs.
   * @returns one tensor per output.
   */
  region<const Inputs extends readonly Tensor[], const Outputs extends readonly Tensor[]>(
    name: string,
    attributes: Attributes,
    inputs: Inputs,
    compose: (body: Graph, ...inputs: TensorPerEntry<Inputs>) => Outputs,
  ): TensorPerEntry<Outputs> {
    const outputs = this.call(composeRegion(this.ids, name, attributes, inputs, compose), inputs);
    return outputs as TensorPerEntry<Outputs>;
  }

  /**
   * Appends an existing region with other inputs.
   * @throws RangeError if one is missing or has another shape than the region expects.
   */
  call(region: Region, inputs: readonly Tensor[]): readonly Tensor[] {
    const known = this.#known.get(key(region.name, inputs, region.attributes));
    if (known) return known;
    for (const [i, expected] of region.inputs.entries()) {
      const given = inputs[i];
      if (given?.rows !== expected.rows || given.cols !== expected.cols || given.dtype !== expected.dtype) {
        const got = given ? describeShape(given) : 'nothing';
        throw new RangeError(`${region.name}: input ${i} expected ${describeShape(expected)}, got ${got}`);
      }
    }
    const outputs = region.outputs.map((o) => this.source(o));
    this.#append({ op: 'region', inputs, outputs, attributes: region.attributes, region });
    return outputs;
  }

  #append(node: Node): void {
    this.nodes.push(node);
    this.#known.set(key(node.region?.name ?? node.op, node.inputs, node.attributes), node.outputs);
  }

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
  /** Sums of the rows of each distinct index, in order of first appearance, then zeros; −1 is skipped. */
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
  /** x where x > 0, else alpha·(e^x − 1). */
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
  /** [2, cols]: per column, how many rows are greater than the row `indices` names, and how many are equal; 0 for −1. */
  rankCounts(x: Tensor, indices: Tensor): Tensor {
    return this.apply('rank-counts', [x, indices]);
  }
  /**
   * i32 [k, cols]: the rows of the k greatest values of each column, best first; −1 where a column has fewer than k rows, and
   * in columns whose index is −1.
   */
  topIndices(x: Tensor, k: number, indices?: Tensor): Tensor {
    return this.apply('top-indices', indices ? [x, indices] : [x], { k });
  }
  /**
   * x [n, b] + Σ_j values[c, j] where history[c, j] is the item of the row; without `items`, row i is item i. `values` is
   * [b, k] or [1, k], `history` i32 [b, k] and `items` i32 [n, 1]; −1 is no item.
   */
  addRepeats(x: Tensor, values: Tensor, history: Tensor, items?: Tensor): Tensor {
    return this.apply('add-repeats', items ? [x, values, history, items] : [x, values, history]);
  }
  /** [b, k]: sums of the x[i, c] whose row has the item history[c, j]; as in {@link addRepeats}. */
  sumRepeats(x: Tensor, history: Tensor, items?: Tensor): Tensor {
    return this.apply('sum-repeats', items ? [x, history, items] : [x, history]);
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

/** Composes a region without appending it; it expects inputs of the shapes in `inputs`. */
export function composeRegion<const Inputs extends readonly Shape[]>(
  ids: IdSource,
  name: string,
  attributes: Attributes,
  inputs: Inputs,
  compose: (body: Graph, ...inputs: TensorPerEntry<Inputs>) => readonly Tensor[],
): Region {
  const body = new Graph(ids);
  const own = inputs.map((shape) => body.source(shape));
  const outputs = compose(body, ...(own as TensorPerEntry<Inputs>));
  return { name, attributes, inputs: own, outputs, nodes: body.nodes };
}

function key(name: string, inputs: readonly Tensor[], attributes: Attributes): string {
  // Not JSON.stringify: it writes NaN and both infinities as null, and −0 as 0.
  const pairs = Object.entries(attributes).map(([k, v]) => `${k}=${Object.is(v, -0) ? '-0' : v}`);
  return `${name}(${inputs.map((t) => t.id).join()})${pairs.join()}`;
}
