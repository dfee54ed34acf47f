import {
  type Gradient,
  type Node,
  outputOf,
  type Program,
  type Region,
  type Tensor,
  type Update,
} from '@gru4rec/program';
import { type Ref, typeOf } from './graph-writer.ts';
import type { StepLowering } from './lowering.ts';
import { DataType } from './messages.ts';
import { reshape, sideBySide } from './ops/lowering.ts';
import { eachRepeated, sumParts } from './ops/rows.ts';
import { assignVariable, rowAttributes, type StoredVariable, wholePack } from './variable-nodes.ts';

/** A change of a variable, or of some of its rows. */
interface Change {
  readonly stored: StoredVariable;
  /** Whether `values` replace the current values, or are added to or subtracted from them. */
  readonly kind: 'replace' | 'add' | 'subtract';
  readonly values: Ref;
  /** int32 [n]: the distinct rows; all rows if not given. */
  readonly rows?: Ref;
}

/**
 * Writes the assignments and updates of a step: first all new values, then the nodes that store them, each of which runs
 * after all nodes that read the same variable.
 *
 * @returns the nodes that change variables.
 */
export function lowerChanges(lowering: StepLowering, program: Program): Ref[] {
  const assigned = program.assignments.map(
    ({ variable, value }): Change => ({
      stored: lowering.variable(variable),
      kind: 'replace',
      values: lowering.ref(value),
    }),
  );
  const changes = [...assigned, ...newValues(lowering, program.updates)];
  return changes.map((change) => writeChange(lowering, change));
}

const rowOps = {
  replace: 'ResourceScatterUpdate',
  add: 'ResourceScatterAdd',
  subtract: 'ResourceScatterSub',
} as const;
const wholeOps = { add: 'AssignAddVariableOp', subtract: 'AssignSubVariableOp' } as const;

function writeChange(lowering: StepLowering, { stored, kind, values, rows }: Change): Ref {
  const { graph } = lowering;
  const after = lowering.readersOf(stored);
  if (rows !== undefined) {
    return graph.add(rowOps[kind], [stored.handle, rows, values], { attributes: rowAttributes, after });
  }
  if (kind === 'replace') return assignVariable(graph, stored, values, after);
  const attributes = { dtype: typeOf(DataType.float) };
  return graph.add(wholeOps[kind], [stored.handle, values], { attributes, after });
}

/**
 * One optimiser step on each variable. With a dense gradient it acts on the whole variable, together with the others of its
 * pack; with row gradients on the touched rows, after the gradients of equal rows have been summed.
 */
function newValues(lowering: StepLowering, updates: readonly Update[]): Change[] {
  const packs = new Map<string, DenseUpdate[]>();
  const changes = updates.flatMap((update) => {
    const { gradient } = update;
    if (gradient.kind === 'rows') return newRows(lowering, update, gradient);
    const stored = lowering.variable(update.variable);
    const dense = { update, gradient: lowering.ref(gradient.tensor) };
    if (!stored.place) return newWhole(lowering, dense, (name) => lowering.variable(name));
    packs.set(stored.handle, [...(packs.get(stored.handle) ?? []), dense]);
    return [];
  });
  return [...changes, ...[...packs.values()].flatMap((members) => newPack(lowering, members))];
}

interface DenseUpdate {
  readonly update: Update;
  readonly gradient: Ref;
}

function newWhole(
  lowering: StepLowering,
  { update, gradient }: DenseUpdate,
  storedAs: (name: string) => StoredVariable,
): Change[] {
  const stored = [update.variable, ...update.slots].map(storedAs);
  return optimize(lowering, update, { stored, gradient, current: (v) => lowering.readWhole(v) });
}

/** The gradients of a pack, side by side like its variables; all of these change together. */
function newPack(lowering: StepLowering, members: readonly DenseUpdate[]): Change[] {
  const offsetOf = ({ update }: DenseUpdate): number => lowering.variable(update.variable).place?.offset ?? 0;
  const ordered = [...members].sort((a, b) => offsetOf(a) - offsetOf(b));
  const { graph } = lowering;
  const gradient = sideBySide(
    graph,
    ordered.map((member) => reshape(graph, member.gradient, [1, -1])),
  );
  const [first] = ordered;
  if (!first) return [];
  return newWhole(lowering, { ...first, gradient }, (name) => wholePack(lowering.variable(name)));
}

function newRows(
  lowering: StepLowering,
  update: Update,
  { parts }: Extract<Gradient, { kind: 'rows' }>,
): Change[] {
  const distinct = lowering.distinctRows(parts.map((part) => part.indices));
  const rows = parts.map((part) => {
    const { rows: n } = part.rows;
    const { rows: length } = part.indices;
    return { rows: eachRepeated(lowering.graph, lowering.ref(part.rows), n, length / n), length };
  });
  const cols = parts[0]?.rows.cols ?? 0;
  const changes = optimize(lowering, update, {
    stored: [update.variable, ...update.slots].map((name) => lowering.variable(name)),
    gradient: sumParts(lowering.graph, rows, cols, distinct),
    current: (stored) => lowering.lookUp(stored, distinct.indices),
  });
  return changes.map((change) => ({ ...change, rows: distinct.indices }));
}

/** The values that an optimiser acts on: whole variables, or the touched rows. */
interface Acted {
  /** The variable, then its slots. */
  readonly stored: readonly StoredVariable[];
  readonly gradient: Ref;
  /** The current values of the variable or of the touched rows. */
  readonly current: (stored: StoredVariable) => Ref;
}

/**
 * Runs an optimiser. Its ops do not name a number of rows, so any number of rows can be touched. If it only adds something
 * to the value, the value is not read but added to in place.
 */
function optimize(
  lowering: StepLowering,
  { optimizer, scalars }: Update,
  { stored, gradient, current }: Acted,
): Change[] {
  const sum = finalSum(optimizer);
  const [value, ...others] = optimizer.inputs;
  const given = [
    gradient,
    ...stored.slice(1).map((slot) => current(slot)),
    ...scalars.map((t) => lowering.ref(t)),
  ];
  for (const [i, t] of others.entries()) lowering.define(t, given[i] as Ref);
  if (!sum && value) lowering.define(value, current(stored[0] as StoredVariable));
  lowering.lower(optimizer.nodes.filter((node) => node !== sum?.node));
  return stored.map((target, i): Change => {
    if (i === 0 && sum) return { stored: target, kind: sum.kind, values: lowering.ref(sum.other) };
    return { stored: target, kind: 'replace', values: lowering.ref(outputOf(optimizer, i)) };
  });
}

/** The last op on the value, if it is value + other or value − other and the value has no other use. */
function finalSum({
  inputs: [value],
  outputs: [next, ...slots],
  nodes,
}: Region): { readonly node: Node; readonly kind: 'add' | 'subtract'; readonly other: Tensor } | undefined {
  const users = nodes.filter((node) => node.inputs.some((t) => t.id === value?.id));
  const [node] = users;
  const [first, other] = node?.inputs ?? [];
  const isSum = node?.op === 'add' || node?.op === 'subtract';
  if (!isSum || users.length > 1 || first?.id !== value?.id || !other || other.id === value?.id)
    return undefined;
  const isRead = nodes.some((n) => n.inputs.some((t) => t.id === next?.id));
  if (other.rows !== value?.rows || other.cols !== value.cols) return undefined;
  if (node.outputs[0]?.id !== next?.id || isRead || slots.some((t) => t.id === next?.id)) return undefined;
  return { node, kind: node.op === 'add' ? 'add' : 'subtract', other };
}
