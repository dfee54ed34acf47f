import { inputOf, type Node, type RowGradient, type Tensor, type Update } from '@gru4rec/program';
import type { Buffer, KernelArguments, RowList, Touch } from './kernel-call.ts';
import { type Layout, rowBytesOf, vectorsOf } from './layout.ts';
import { lowerNode } from './lower-node.ts';
import { isRowsTimesMatrix, productFactors } from './lower-product.ts';
import type { ProgramLowering, UniqueRows } from './lowering.ts';

/** An update computes them block by block, and sums equal rows of the left factor in place: nothing may read that later. */
export function deferRowProducts(lowering: ProgramLowering): void {
  const taken = new Set<number>();
  for (const { gradient } of lowering.program.updates) {
    if (gradient.kind !== 'rows') continue;
    const part = gradient.parts.find(({ rows, indices }) => {
      const node = lowering.producers.get(rows.id);
      const [left, right] = node?.inputs ?? [];
      if (node?.op !== 'matmul' || !left || !right || lowering.useCount.get(rows.id) !== 1) return false;
      if (rows.cols === 1 || indices.rows !== rows.rows || !isRowsTimesMatrix(node)) return false;
      // A right factor that is a variable may have changed before the update runs.
      const settled = [left, right].every((t) => lowering.ownsMemory(t) && !taken.has(t.id));
      return settled && left.id !== right.id && !readByUpdates(lowering, left);
    });
    const node = part && lowering.producers.get(part.rows.id);
    if (!node) continue;
    for (const factor of node.inputs) taken.add(factor.id);
    lowering.deferred.add(node);
  }
}

function readByUpdates(lowering: ProgramLowering, tensor: Tensor): boolean {
  const { updates, outputs, assignments } = lowering.program;
  const gradients = updates.flatMap(({ gradient }) =>
    gradient.kind === 'dense' ? [gradient.tensor] : gradient.parts.map((p) => p.rows),
  );
  const kept = [...Object.values(outputs), ...assignments.map((a) => a.value)];
  return [...gradients, ...kept].some((t) => memoryOf(lowering, t).id === tensor.id);
}

function memoryOf(lowering: ProgramLowering, tensor: Tensor): Tensor {
  const producer = lowering.producers.get(tensor.id);
  const [input] = producer?.inputs ?? [];
  const shares = producer?.op === 'stop-gradient' || producer?.op === 'transpose';
  return shares && input ? memoryOf(lowering, input) : tensor;
}

/** Whether the optimiser has a kernel: Adagrad with or without momentum, but without weight decay. */
function hasKernel({ optimizer: { name, attributes } }: Update): boolean {
  return name === 'adagrad' && attributes.weightDecay === 0;
}

/** Emits an update. Updates with deferred products must come last. */
export function lowerUpdate(lowering: ProgramLowering, update: Update): void {
  const variable = (name: string): Layout => lowering.shared.variables.get(name) as Layout;
  const targets = [update.variable, ...update.slots].map(variable);
  const known = hasKernel(update);
  if (update.gradient.kind === 'dense') {
    const gradient = lowering.dense(update.gradient.tensor);
    if (known) adagradDense(lowering, update, targets, gradient);
    else composedDense(lowering, update, targets, gradient);
    return;
  }
  const parts = [...update.gradient.parts].sort(
    (a, b) => Number(!deferredProduct(lowering, a)) - Number(!deferredProduct(lowering, b)),
  );
  const [value] = targets as [Layout];
  const rows = uniqueRows(lowering, parts, value.rows);
  const source = sourcesOf(lowering, parts);
  if (known) adagradRows(lowering, update, targets, { rows, source });
  else composedRows(lowering, update, targets, { rows, source });
}

function adagradDense(
  lowering: ProgramLowering,
  update: Update,
  targets: readonly Layout[],
  gradient: Layout,
): void {
  const [value, acc, mom] = targets as [Layout, Layout, Layout?];
  const { rows, stride } = value;
  const constants = adagradConstants(lowering, update);
  lowering.call('ADAGRAD', { value, acc, mom, gradient, rows, stride, ...constants });
}

function adagradRows(
  lowering: ProgramLowering,
  update: Update,
  targets: readonly Layout[],
  { rows, source }: { rows: UniqueRows; source: Sources },
): void {
  const [value, acc, mom] = targets as [Layout, Layout, Layout?];
  const common = { ...rows, table: value, acc, mom, ...adagradConstants(lowering, update) };
  if (value.cols === 1) {
    lowering.call('ADAGRAD_SCALARS', { ...common, sources: source.rows });
    return;
  }
  const { stride } = value;
  const blocks = lowering.shares('ADAGRAD_ROWS', { stride });
  const product = productArguments(lowering, source, value);
  const operations = 2 * source.products * source.inner * value.cols;
  lowering.call(
    'ADAGRAD_ROWS',
    { ...common, ...product, blocks, stride, vectors: vectorsOf(value) },
    { operations },
  );
}

function adagradConstants(
  lowering: ProgramLowering,
  update: Update,
): Pick<KernelArguments<'ADAGRAD'>, 'rate' | 'momentum' | 'epsilon'> {
  const { momentum, epsilon } = update.optimizer.attributes;
  const [learningRate] = update.scalars as [Tensor];
  return { rate: lowering.dense(learningRate), momentum: Number(momentum), epsilon: Number(epsilon) };
}

function composed(lowering: ProgramLowering, update: Update, inputs: readonly Layout[]): Layout[] {
  const region = update.optimizer;
  for (const [i, tensor] of region.inputs.entries()) lowering.define(tensor, inputs[i] as Layout);
  for (const node of region.nodes) lowerNode(lowering, node);
  return region.outputs.map((t) => lowering.dense(t));
}

function composedDense(
  lowering: ProgramLowering,
  update: Update,
  targets: readonly Layout[],
  gradient: Layout,
): void {
  const [value, ...slots] = targets as [Layout, ...Layout[]];
  const scalars = update.scalars.map((t) => lowering.dense(t));
  const variables = new Set(targets.map((target) => target.buffer));
  // A result may be an unchanged input, which must be stored before it is overwritten.
  const results = composed(lowering, update, [value, gradient, ...slots, ...scalars]).map((result) =>
    variables.has(result.buffer) ? lowering.copy(result) : result,
  );
  for (const [i, target] of targets.entries()) {
    lowering.copyRows(results[i] as Layout, target);
  }
}

/** Runs the optimiser on copies of the touched rows, with rows of zeros up to the extent of the region. */
function composedRows(
  lowering: ProgramLowering,
  update: Update,
  targets: readonly Layout[],
  { rows, source }: { rows: UniqueRows; source: Sources },
): void {
  const [value] = targets as [Layout];
  const capacity = inputOf(update.optimizer, 1).rows;
  const touched = { dtype: 'f32', rows: capacity, cols: value.cols } as const;
  const gradient = lowering.scratch(touched);
  sumGradients(lowering, gradient, rows, source);
  const [indices, bytes] = [rows.unique, rowBytesOf(value)];
  const copies = targets.map((table) => {
    const out = lowering.scratch(touched);
    const from = { table, stride: table.stride, indices, n: capacity };
    lowering.call('GATHER_ROWS', { ...from, out, strideOut: out.stride, bytes });
    return out;
  });
  const [copy, ...slotCopies] = copies as [Layout, ...Layout[]];
  const scalars = update.scalars.map((t) => lowering.dense(t));
  const results = composed(lowering, update, [copy, gradient, ...slotCopies, ...scalars]);
  for (const [i, table] of targets.entries()) {
    const result = results[i] as Layout;
    const to = { table, stride: table.stride, indices, count: rows.count, capacity };
    lowering.call('PUT_ROWS', { ...to, rows: result, strideRows: result.stride, bytes });
  }
}

/** The product that computes a part, if it is deferred to the update. */
function deferredProduct(lowering: ProgramLowering, part: RowGradient): Node | undefined {
  const node = lowering.producers.get(part.rows.id);
  return node && lowering.deferred.has(node) ? node : undefined;
}

function uniqueRows(lowering: ProgramLowering, parts: readonly RowGradient[], tableRows: number): UniqueRows {
  const key = [...parts.map((part) => part.indices.id), tableRows].join(':');
  const known = lowering.uniqueRows.get(key);
  if (known) return known;
  const indices = parts.map((part) => lowering.dense(part.indices));
  const total = indices.reduce((sum, layout) => sum + layout.rows, 0);
  let all = indices[0] as Layout;
  if (indices.length > 1) {
    all = lowering.scratch({ dtype: 'i32', rows: total, cols: 1 });
    let offset = 0;
    for (const layout of indices) {
      const dst = { buffer: all.buffer, offset };
      lowering.call('COPY_ROWS', { src: layout, dst, rows: layout.rows, stride: 4 }, { runs: 'last' });
      offset += layout.rows * 4;
    }
  }
  const maps = lowering.shared.indexMaps;
  const scratch = maps.get(tableRows) ?? {
    map: lowering.persistent(tableRows * 4),
    cell: lowering.persistent(4),
  };
  maps.set(tableRows, scratch);
  const [unique, head, next] = [1, 2, 3].map(() => lowering.temporary(total * 4)) as [Buffer, Buffer, Buffer];
  const results = { unique, head, next, count: lowering.temporary(4) };
  const operands = { indices: all, n: total, ...scratch, mapRows: tableRows, ...results };
  lowering.call('UNIQUE_INDICES', operands, { runs: 'last' });
  lowering.uniqueRows.set(key, results);
  return results;
}

interface Sources {
  readonly rows: RowList;
  /** Number of rows that are products: a row of `inner` columns times `matrix`. */
  readonly products: number;
  readonly inner: number;
  readonly matrix: Layout | undefined;
}

function sourcesOf(lowering: ProgramLowering, parts: readonly RowGradient[]): Sources {
  const [first] = parts;
  const node = first && deferredProduct(lowering, first);
  const product = node && productFactors(lowering, node);
  const layouts = parts.map((part, i) => (i === 0 && product ? product.rows : lowering.dense(part.rows)));
  const total = parts.reduce((sum, { indices }) => sum + indices.rows, 0);
  const list = lowering.persistent(total * 4, (words) => {
    let word = list.address / 4;
    for (const [part, { buffer, rows, stride }] of layouts.entries()) {
      const positions = parts[part]?.indices.rows ?? 0;
      for (let at = 0; at < positions; at++) {
        words[word++] = buffer.address + Math.floor((at * rows) / positions) * stride;
      }
    }
  });
  // Left factors with the same index are summed in place.
  const behind = layouts.map(({ buffer }, i): Touch => ({ buffer, by: 'all', write: i === 0 && !!product }));
  return {
    rows: { list, behind },
    products: product?.rows.rows ?? 0,
    inner: product?.rows.cols ?? 0,
    matrix: product?.matrix,
  };
}

type ProductArguments = Pick<
  KernelArguments<'ADAGRAD_ROWS'>,
  'products' | 'sources' | 'k' | 'b' | 'ldb' | 'zeros'
>;

function productArguments(lowering: ProgramLowering, source: Sources, value: Layout): ProductArguments {
  const { products, rows: sources, inner: k, matrix: b } = source;
  const zeros = lowering.zeros(Math.max(value.stride, k * 4 + 16));
  return { products, sources, k, b, ldb: b?.stride ?? 0, zeros };
}

function sumGradients(lowering: ProgramLowering, gradient: Layout, rows: UniqueRows, source: Sources): void {
  const { count, head, next } = rows;
  const common = { count, head, next, out: gradient, capacity: gradient.rows };
  if (gradient.cols === 1) {
    lowering.call('SUM_SCALAR_GRADIENTS', { ...common, sources: source.rows });
    return;
  }
  const list = lowering.shares('SUM_ROW_GRADIENTS', {});
  const product = productArguments(lowering, source, gradient);
  const { stride: ldo } = gradient;
  lowering.call('SUM_ROW_GRADIENTS', { ...common, ...product, list, ldo, vectors: vectorsOf(gradient) });
}
