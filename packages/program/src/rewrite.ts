import { Graph, type IdSource } from './graph.ts';
import type { Node, Program, Region, Update } from './program.ts';
import { type Gradient, inputOf, outputOf, type Tensor } from './tensor.ts';

/**
 * Appends copies of `nodes` to `graph`, reading through `map` (old tensor id → new tensor) and adding to it.
 * Regions for which `keep` is false are replaced by their bodies.
 */
export function appendNodes(
  graph: Graph,
  nodes: readonly Node[],
  map: Map<number, Tensor>,
  keep: (node: Node) => boolean = () => true,
): void {
  const at = (t: Tensor): Tensor => map.get(t.id) ?? t;
  for (const node of nodes) {
    const inputs = node.inputs.map(at);
    const { region } = node;
    if (region && !keep(node)) {
      const inner = new Map(inputs.map((t, i) => [inputOf(region, i).id, t]));
      appendNodes(graph, region.nodes, inner, keep);
      for (const [i, o] of region.outputs.entries()) map.set(outputOf(node, i).id, inner.get(o.id) ?? o);
      continue;
    }
    const outputs = region ? graph.call(region, inputs) : [graph.apply(node.op, inputs, node.attributes)];
    for (const [i, o] of outputs.entries()) map.set(outputOf(node, i).id, o);
  }
}

/**
 * A copy of a program in which every region that `keep` refuses is replaced by its ops, equal ops are merged and unused
 * ones dropped. Optimisers of updates stay regions.
 */
export function inlineRegions(program: Program, keep: (node: Node) => boolean): Program {
  const ids: IdSource = { next: 1 + largestId(program) };
  const graph = new Graph(ids);
  const map = new Map<number, Tensor>();
  appendNodes(graph, program.nodes, map, keep);
  return dropUnused({ ...program, nodes: graph.nodes }, map);
}

function dropUnused(program: Program, map: ReadonlyMap<number, Tensor>): Program {
  const at = (t: Tensor): Tensor => map.get(t.id) ?? t;
  const outputs = Object.fromEntries(Object.entries(program.outputs).map(([name, t]) => [name, at(t)]));
  const assignments = program.assignments.map((a) => ({ ...a, value: at(a.value) }));
  const updates = program.updates.map((u) => mapUpdate(u, at));
  const used = new Set<number>();
  const use = (t: Tensor): unknown => used.add(t.id);
  Object.values(outputs).forEach(use);
  for (const a of assignments) use(a.value);
  for (const u of updates) [...gradientTensors(u.gradient), ...u.scalars].forEach(use);
  const nodes: Node[] = [];
  for (const node of [...program.nodes].reverse()) {
    if (!node.outputs.some((o) => used.has(o.id))) continue;
    node.inputs.forEach(use);
    nodes.unshift(node);
  }
  return { ...program, nodes, outputs, assignments, updates };
}

function mapUpdate(update: Update, at: (t: Tensor) => Tensor): Update {
  const { gradient } = update;
  const mapped: Gradient =
    gradient.kind === 'dense'
      ? { kind: 'dense', tensor: at(gradient.tensor) }
      : { kind: 'rows', parts: gradient.parts.map((p) => ({ indices: at(p.indices), rows: at(p.rows) })) };
  return { ...update, gradient: mapped, scalars: update.scalars.map(at) };
}

/** The tensors that hold a gradient. */
export function gradientTensors(gradient: Gradient): readonly Tensor[] {
  return gradient.kind === 'dense' ? [gradient.tensor] : gradient.parts.flatMap((p) => [p.indices, p.rows]);
}

function largestId(program: Program): number {
  let largest = 0;
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      for (const t of [...node.inputs, ...node.outputs]) largest = Math.max(largest, t.id);
      if (node.region) visitRegion(node.region);
    }
  };
  const visitRegion = (region: Region): void => {
    for (const t of [...region.inputs, ...region.outputs]) largest = Math.max(largest, t.id);
    visit(region.nodes);
  };
  visit(program.nodes);
  for (const { tensor } of program.variables) largest = Math.max(largest, tensor.id);
  for (const t of Object.values(program.inputs)) largest = Math.max(largest, t.id);
  for (const u of program.updates) visitRegion(u.optimizer);
  return largest;
}
