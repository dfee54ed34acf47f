import { inputOf, type Tensor, type Update } from '@gru4rec/program';
import type { KernelArguments } from './kernel-call.ts';
import { type Layout, rowBytesOf, vectorsOf } from './layout.ts';
import { lowerNode } from './lower-node.ts';
import { isRowsTimesMatrix } from './lower-product.ts';
import type { ProgramLowering, UniqueRows } from './lowering.ts';
import {
  deferredProduct,
  productArguments,
  type Sources,
  sourcesOf,
  sumGradients,
  uniqueRows,
} from './row-gradients.ts';

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
  const { value, acc, mom } = adagradTargets(targets);
  const { rows, stride } = value;
  lowering.call('ADAGRAD', {
    value,
    acc,
    mom,
    gradient,
    rows,
    stride,
    ...adagradConstants(lowering, update),
  });
}

function adagradRows(
  lowering: ProgramLowering,
  update: Update,
  targets: readonly Layout[],
  { rows, source }: { rows: UniqueRows; source: Sources },
): void {
  const { value, acc, mom } = adagradTargets(targets);
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

function adagradTargets(targets: readonly Layout[]): { value: Layout; acc: Layout; mom: Layout | undefined } {
  const [value, acc, mom] = targets;
  if (!value || !acc) throw new RangeError('adagrad: expected a slot for the accumulator');
  return { value, acc, mom };
}

function adagradConstants(
  lowering: ProgramLowering,
  update: Update,
): Pick<KernelArguments<'ADAGRAD'>, 'rate' | 'momentum' | 'epsilon'> {
  const { momentum, epsilon } = update.optimizer.attributes;
  const [learningRate] = update.scalars;
  if (!learningRate) throw new RangeError('adagrad: expected a learning rate');
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
