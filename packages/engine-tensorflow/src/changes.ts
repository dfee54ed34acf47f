import {
  type Gradient,
  type Node,
  outputOf,
  type Program,
  type Region,
  type Tensor,
  type Update,
} from '@gru4rec/program';
import { FLOAT, type Ref } from './graph-writer.ts';
import type { StepLowering } from './lowering.ts';
import { reshape, sideBySide } from './ops/lowering.ts';
import { eachRepeated, sumParts } from './ops/rows.ts';
import { assignVariable, rowAttributes, type StoredVariable, wholePack } from './variable-nodes.ts';

interface Change {
  readonly stored: StoredVariable;
  /** Whether `values` replace the current values, or are added to or subtracted from them. */
  readonly kind: 'replace' | 'add' | 'subtract';
  readonly values: Ref;
  /** int32 [n]: the distinct rows; all rows if not given. */
  readonly rows?: Ref;
}

/** First all new values, then the nodes that store them, after all that read the same variable. Returns the storing nodes. */
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
  const attributes = { dtype: FLOAT };
  return graph.add(wholeOps[kind], [stored.handle, values], { attributes, after });
}

/** On a whole variable with its pack, or with row gradients on the touched rows, after gradients of equal rows were summed. */
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

interface Acted {
  /** The variable, then its slots. */
  readonly stored: readonly StoredVariable[];
  readonly gradient: Ref;
  readonly current: (stored: StoredVariable) => Ref;
}

/** The ops name no number of rows, so any number can be touched. If only a sum changes the value, it is added to in place. */
function optimize(
  lowering: StepLowering,
  { optimizer, scalars }: Update,
  { stored, gradient, current }: Acted,
): Change[] {
  const sum = finalSum(optimizer);
  const [value, ...others] = optimizer.inputs;
  const inputs = [
    gradient,
    ...stored.slice(1).map((slot) => current(slot)),
    ...scalars.map((t) => lowering.ref(t)),
  ];
  for (const [i, t] of others.entries()) lowering.define(t, inputs[i] as Ref);
  if (!sum && value) lowering.define(value, current(stored[0] as StoredVariable));
  lowering.lower(optimizer.nodes.filter((node) => node !== sum?.node));
  return stored.map((target, i): Change => {
    if (i === 0 && sum) return { stored: target, kind: sum.kind, values: lowering.ref(sum.other) };
    return { stored: target, kind: 'replace', values: lowering.ref(outputOf(optimizer, i)) };
  });
}

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
