import { inputOf, type Node, outputOf, type Tensor } from '@gru4rec/program';
import { type Call, kernelCall } from './kernel-call.ts';
import type { Layout } from './layout.ts';
import type { ProgramLowering } from './lowering.ts';
import type { QuantizedTable, TableNames } from './quantized-table.ts';

/** Units from which float32 sums would round off more than the bound of a screened score allows. */
const MOST_UNITS = 4096;

interface ScreenedScores {
  readonly table: Tensor;
  /** [slots, units]. */
  readonly hidden: Tensor;
  readonly nodes: readonly Node[];
  readonly names: TableNames;
}

function screenedScores(lowering: ProgramLowering, { inputs: [scores] }: Node): ScreenedScores | undefined {
  if (!scores) return undefined;
  const transposed = producerOf(lowering, scores, 'transpose');
  const sums = transposed ? inputOf(transposed) : scores;
  const add = producerOf(lowering, sums, 'add');
  const product = add && producerOf(lowering, inputOf(add), 'matmul');
  if (!add || !product) return undefined;
  if (product.attributes.transposeB !== true || product.attributes.transposeA === true) return undefined;
  const [first, second] = [inputOf(product), inputOf(product, 1)];
  const [table, hidden] = transposed ? [second, first] : [first, second];
  const bias = inputOf(add, 1);
  // A column is the transpose of a row of dot products. Several columns are a product of the table's rows.
  if ((transposed !== undefined) !== (hidden.rows === 1)) return undefined;
  if (bias.rows * bias.cols !== table.rows || table.cols < 2 || table.cols > MOST_UNITS) return undefined;
  const [tableName, biasName] = [unchangedVariable(lowering, table), unchangedVariable(lowering, bias)];
  if (tableName === undefined || biasName === undefined) return undefined;
  const nodes = [add, product, ...(transposed ? [transposed] : [])];
  return { table, hidden, nodes, names: { table: tableName, bias: biasName } };
}

function producerOf(lowering: ProgramLowering, tensor: Tensor, op: Node['op']): Node | undefined {
  const producer = lowering.producers.get(tensor.id);
  return producer?.op === op && lowering.useCount.get(tensor.id) === 1 ? producer : undefined;
}

/** The name of the variable that a tensor is, or whose transpose it is, if the program does not change it. */
function unchangedVariable({ program, producers }: ProgramLowering, tensor: Tensor): string | undefined {
  const producer = producers.get(tensor.id);
  const { id } = producer?.op === 'transpose' ? inputOf(producer) : tensor;
  const name = program.variables.find((entry) => entry.tensor.id === id)?.variable.name;
  return name === undefined || changedVariables(program).has(name) ? undefined : name;
}

export function changedVariables({ assignments, updates }: ProgramLowering['program']): ReadonlySet<string> {
  return new Set([
    ...assignments.map(({ variable }) => variable),
    ...updates.flatMap(({ variable, slots }) => [variable, ...slots]),
  ]);
}

/**
 * Marks products that are computed only for rows that pass the screening. Must run before any call is emitted. A single column
 * is screened from `screenFrom` elements on; several always are, by the dot products of a single column, so that an answer does
 * not depend on how many are computed together.
 */
export function deferScreenedProducts(lowering: ProgramLowering, screenFrom: number): void {
  for (const node of lowering.program.nodes) {
    if (!node.op.startsWith('top-')) continue;
    const screened = screenedScores(lowering, node);
    if (!screened) continue;
    const { table, hidden, nodes } = screened;
    if (hidden.rows === 1 && table.rows * table.cols < screenFrom) continue;
    for (const part of nodes) lowering.deferred.add(part);
  }
}

/** The second input of `top-indices` or `top-allowed`, if any. */
export function listed(
  lowering: ProgramLowering,
  { op, inputs: [, second] }: Node,
): { readonly indices: Layout | undefined; readonly allowed: Layout | undefined } {
  const layout = second && lowering.dense(second);
  const masks = op === 'top-allowed';
  return { indices: masks ? undefined : layout, allowed: masks ? layout : undefined };
}

/** Emits the screening of each share of the rows, then merges the lists. @returns false if the scores are not screened. */
export function lowerScreenedTop(lowering: ProgramLowering, node: Node): boolean {
  const screened = screenedScores(lowering, node);
  if (!screened?.nodes.every((part) => lowering.deferred.has(part))) return false;
  const { rows: n, cols: inner } = screened.table;
  const { table, bias, copy, norms, blocks, groups } = lowering.quantized(screened.names);
  const hidden = lowering.dense(screened.hidden);
  const { indices, allowed } = listed(lowering, node);
  const out = lowering.allocate(outputOf(node));
  const { rows: k, cols: slots, stride: outStride } = out;
  const lists = lowering.shares('TOP_SHARES', { slots, k });
  const parts = lowering.shares('SCREEN_TOP', { inner, slots });
  const factors = { table, stride: table.stride, n, inner, bias, hidden, ldh: hidden.stride };
  const { order, step, axes, means } = groups ?? {};
  const grouped = { order, step, axes, lda: axes?.stride ?? 0, means };
  const operations = 2 * n * inner * slots;
  lowering.call(
    'SCREEN_TOP',
    { copy, norms, blocks, ...factors, ...grouped, slots, k, allowed, lists, parts },
    { operations },
  );
  lowering.call('TOP_MERGE', {
    parts: lists,
    shares: lowering.threads,
    n,
    slots,
    k,
    indices,
    fills: !allowed,
    out,
    outStride,
  });
  return true;
}

export function quantizationCalls(copies: Iterable<QuantizedTable>): Call[] {
  return Array.from(copies).flatMap(({ table, bias, copy, norms, blocks, groups }) => {
    const { stride, rows: n, cols: inner } = table;
    const { order, step, axes } = groups ?? {};
    const shared = { table, stride, n, inner, bias, order, step, axes, lda: axes?.stride ?? 0 };
    const quantize = kernelCall('QUANTIZE_TABLE', { ...shared, blocks, copy, norms });
    if (!groups) return [quantize];
    return [quantize, kernelCall('GROUP_MEANS', { ...shared, blocks: groups.blocks, means: groups.means })];
  });
}
