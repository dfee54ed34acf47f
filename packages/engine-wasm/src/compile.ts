import {
  gradientTensors,
  indexLimits,
  inlineRegions,
  type Node,
  type Program,
  type Tensor,
} from '@gru4rec/program';
import { placeBarriers } from './barriers.ts';
import { fusedNodes } from './fused-losses.ts';
import { type Call, kernelCall } from './kernel-call.ts';
import { type Layout, newLayout } from './layout.ts';
import { deferProducts, lowerNode } from './lower-node.ts';
import { deferRankedProducts } from './lower-ranking.ts';
import { changedVariables, deferScreenedProducts, quantizationCalls } from './lower-screening.ts';
import { deferRowProducts, lowerUpdate } from './lower-update.ts';
import { ProgramLowering, type SharedMemory } from './lowering.ts';
import { orderCalls, type QuantizedTable } from './quantized-table.ts';

export interface CompiledProgram {
  readonly name: string;
  readonly calls: readonly Call[];
  /** How many barriers come before each call; absent on one thread. */
  readonly timeOf?: readonly number[];
  readonly threads: number;
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly outputs: ReadonlyMap<string, Layout>;
  readonly copies: ReadonlySet<QuantizedTable>;
  /** Number of calls, the first ones, that fill these copies. */
  readonly quantization: number;
  readonly changes: ReadonlySet<string>;
}

interface PlannedInput extends Tensor {
  readonly layout: Layout;
  readonly limit: number | undefined;
}

export interface CompileOptions {
  /** Otherwise losses are composed of primitive ops, which is slower and must agree. */
  readonly fuse: boolean;
  readonly threads: number;
  /** Number of operations in products from which a program runs on several threads. */
  readonly threadsFrom: number;
  /** Elements of a table from which the best rows of a single column are screened by an int8 copy. */
  readonly screenFrom: number;
}

export function compileProgram(
  program: Program,
  shared: SharedMemory,
  options: CompileOptions,
): CompiledProgram {
  const fused = options.fuse ? fusedNodes(program) : new Set<Node>();
  const flat = inlineRegions(program, (node) => fused.has(node));
  const threads = productOperations(flat) < options.threadsFrom ? 1 : options.threads;
  const lowering = new ProgramLowering(flat, shared, threads);
  for (const { variable, tensor } of flat.variables) declare(lowering, variable.name, tensor);
  const limits = indexLimits(flat);
  const inputs = Object.fromEntries(
    Object.entries(flat.inputs).map(([name, tensor]) => {
      const layout = lowering.define(tensor, persistentLayout(lowering, tensor));
      return [name, { ...tensor, layout, limit: limits.get(tensor.id) }];
    }),
  );
  deferRowProducts(lowering);
  deferRankedProducts(lowering);
  deferScreenedProducts(lowering, options.screenFrom);
  deferProducts(lowering);
  for (const node of flat.nodes) lowerNode(lowering, node);
  const outputs = new Map(
    Object.entries(flat.outputs).map(([name, tensor]) => {
      const kept = persistentLayout(lowering, tensor);
      lowering.copyRows(lowering.dense(tensor), kept);
      return [name, kept];
    }),
  );
  lowerEffects(lowering, flat);
  const { copies } = lowering;
  const changes = changedVariables(flat);
  const compiled = { name: program.name, threads, inputs, outputs, copies, changes };
  const quantization = quantizationCalls(copies);
  if (threads === 1) {
    return { ...compiled, calls: [...quantization, ...lowering.calls], quantization: quantization.length };
  }
  const barrier = kernelCall('BARRIER', { sync: shared.sync });
  const ordered = (calls: readonly Call[]) => placeBarriers(calls, barrier);
  const [first, step] = [ordered(quantization), ordered(lowering.calls)];
  const later = (first.timeOf.at(-1) ?? -1) + 1;
  return {
    ...compiled,
    calls: [...first.calls, ...step.calls],
    timeOf: [...first.timeOf, ...step.timeOf.map((time) => time + later)],
    quantization: first.calls.length,
  };
}

export const GROUPING = ' group';

export function compileGrouping(
  { quantized, sync }: SharedMemory,
  threads: number,
): CompiledProgram | undefined {
  const calls = orderCalls(quantized.values());
  if (calls.length === 0) return undefined;
  // All copies are filled again: their memory is scratch of the ordering.
  const changes = new Set(Array.from(quantized.values(), ({ names }) => names.table));
  const ordered = threads > 1 ? placeBarriers(calls, kernelCall('BARRIER', { sync })) : { calls };
  const nothing = { inputs: {}, outputs: new Map(), copies: new Set<QuantizedTable>(), quantization: 0 };
  return { name: GROUPING, threads, ...nothing, ...ordered, changes };
}

function productOperations(program: Program): number {
  return program.nodes.reduce((sum, { op, inputs: [a], outputs: [out], attributes }) => {
    if (op !== 'matmul' || !a || !out) return sum;
    return sum + 2 * out.rows * out.cols * (attributes.transposeA === true ? a.rows : a.cols);
  }, 0);
}

function declare(lowering: ProgramLowering, name: string, tensor: Tensor): void {
  const { variables } = lowering.shared;
  const layout = variables.get(name) ?? persistentLayout(lowering, tensor);
  variables.set(name, lowering.define(tensor, layout));
}

function persistentLayout(lowering: ProgramLowering, tensor: Tensor): Layout {
  return newLayout(tensor, (bytes) => lowering.persistent(bytes));
}

/** Lowers assignments and updates. They read values from the start of the step, not variables that one of them changed. */
function lowerEffects(lowering: ProgramLowering, program: Program): void {
  const changing = new Set(
    [...program.assignments, ...program.updates]
      .flatMap((effect) => ('slots' in effect ? [effect.variable, ...effect.slots] : [effect.variable]))
      .map((name) => lowering.shared.variables.get(name)?.buffer),
  );
  const read = [
    ...program.assignments.map((a) => a.value),
    ...program.updates.flatMap((u) => [...gradientTensors(u.gradient), ...u.scalars]),
  ];
  for (const t of read) {
    const product = lowering.producers.get(t.id);
    if (product && lowering.deferred.has(product)) continue;
    const value = lowering.dense(t);
    if (changing.has(value.buffer)) lowering.define(t, lowering.copy(value));
  }
  for (const { variable, value } of program.assignments) {
    const target = lowering.shared.variables.get(variable) as Layout;
    lowering.copyRows(lowering.dense(value), target);
  }
  const withProduct = (i: number): boolean => {
    const gradient = program.updates[i]?.gradient;
    if (gradient?.kind !== 'rows') return false;
    return gradient.parts.some((p) => {
      const product = lowering.producers.get(p.rows.id);
      return product !== undefined && lowering.deferred.has(product);
    });
  };
  const order = program.updates
    .map((_, i) => i)
    .sort((a, b) => Number(withProduct(a)) - Number(withProduct(b)));
  for (const i of order) lowerUpdate(lowering, program.updates[i] as Program['updates'][number]);
}
