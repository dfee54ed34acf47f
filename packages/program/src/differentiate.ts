import { composeRegion, type Graph } from './graph.ts';
import { opDefinition } from './ops/registry.ts';
import type { Node } from './program.ts';
import { appendNodes } from './rewrite.ts';
import { type Gradient, type RowGradient, type Tensor, tensorAt } from './tensor.ts';

interface Cotangent {
  dense: Tensor | undefined;
  parts: RowGradient[];
}

/**
 * Reverse-mode differentiation: appends the ops that compute ∂(Σ seeds · values) / ∂wanted.
 * A region becomes one region `<name>.gradient` of [its inputs, the cotangents of its outputs].
 *
 * @param nodes - the forward ops in order.
 * @param seeds - pairs [value, its cotangent].
 * @returns one entry per tensor of `wanted` that the values depend on, by tensor id.
 * @throws RangeError if a gradient passes through an op that has none (a maximum without `stopGradient`).
 */
export function differentiate(
  graph: Graph,
  nodes: readonly Node[],
  seeds: readonly (readonly [Tensor, Tensor])[],
  wanted: readonly Tensor[],
): Map<number, Gradient> {
  const forward = [...nodes];
  const needed = reachable(forward, wanted);
  const cotangents = new Map<number, Cotangent>();
  for (const [value, seed] of seeds) accumulate(graph, cotangents, value, seed);
  for (const node of forward.reverse()) {
    if (!node.outputs.some((o) => needed.has(o.id) && cotangents.has(o.id))) continue;
    const gradients = node.region
      ? regionGradient(graph, node, cotangents, needed)
      : opGradient(graph, node, cotangents);
    for (const [i, input] of node.inputs.entries()) {
      const gradient = gradients[i];
      if (gradient !== undefined && needed.has(input.id)) accumulate(graph, cotangents, input, gradient);
    }
  }
  return collect(graph, cotangents, wanted);
}

/** Row gradients are kept if nothing else reads the table; otherwise they are added to the dense gradient. */
function collect(
  graph: Graph,
  cotangents: Map<number, Cotangent>,
  wanted: readonly Tensor[],
): Map<number, Gradient> {
  const result = new Map<number, Gradient>();
  for (const tensor of wanted) {
    const cotangent = cotangents.get(tensor.id);
    if (cotangent === undefined) continue;
    const { dense, parts } = cotangent;
    if (dense === undefined) {
      result.set(tensor.id, { kind: 'rows', parts });
      continue;
    }
    const sum = parts.reduce(
      (total, { rows, indices }) => graph.add(total, graph.scatterRows(rows, indices, tensor.rows)),
      dense,
    );
    result.set(tensor.id, { kind: 'dense', tensor: sum });
  }
  return result;
}

function reachable(nodes: readonly Node[], wanted: readonly Tensor[]): Set<number> {
  const needed = new Set(wanted.map((t) => t.id));
  for (const node of nodes) {
    if (node.op === 'stop-gradient') continue;
    if (node.inputs.some((t) => needed.has(t.id))) for (const o of node.outputs) needed.add(o.id);
  }
  return needed;
}

function accumulate(
  graph: Graph,
  cotangents: Map<number, Cotangent>,
  to: Tensor,
  gradient: Tensor | RowGradient,
): void {
  const cotangent = cotangents.get(to.id) ?? { dense: undefined, parts: [] };
  cotangents.set(to.id, cotangent);
  if ('indices' in gradient) cotangent.parts.push(gradient);
  else cotangent.dense = cotangent.dense ? graph.add(cotangent.dense, gradient) : gradient;
}

function denseCotangent(cotangents: Map<number, Cotangent>, tensor: Tensor, by: string): Tensor | undefined {
  const before = cotangents.get(tensor.id);
  if (before && before.parts.length > 0) {
    throw new RangeError(
      `differentiate: ${by} gives tensor ${tensor.id} row gradients. Gather from a variable.`,
    );
  }
  return before?.dense;
}

function opGradient(
  graph: Graph,
  node: Node,
  cotangents: Map<number, Cotangent>,
): readonly (Tensor | RowGradient | undefined)[] {
  const rule = opDefinition(node.op).gradient;
  if (rule === undefined) {
    throw new RangeError(`differentiate: op ${node.op} has no gradient. Put it under stopGradient.`);
  }
  const [output] = node.outputs;
  const dy = output && denseCotangent(cotangents, output, node.op);
  return dy ? rule(graph, node, dy) : [];
}

function regionGradient(
  graph: Graph,
  node: Node,
  cotangents: Map<number, Cotangent>,
  needed: ReadonlySet<number>,
): readonly (Tensor | undefined)[] {
  const region = node.region;
  if (region === undefined) return [];
  const cotangentsOfOutputs = node.outputs.map((o) => denseCotangent(cotangents, o, region.name));
  const dys = cotangentsOfOutputs.filter((t) => t !== undefined);
  const wants = node.inputs.map((t) => needed.has(t.id) && t.dtype === 'f32');
  const mask = (flags: readonly boolean[]): string => flags.map((f) => (f ? '1' : '0')).join('');
  const attributes = {
    ...region.attributes,
    of: mask(cotangentsOfOutputs.map((t) => t !== undefined)),
    by: mask(wants),
  };
  const inputs = [...node.inputs, ...dys];
  let found: number[] = [];
  const gradient = composeRegion(graph.ids, `${region.name}.gradient`, attributes, inputs, (body, ...own) => {
    const map = new Map(region.inputs.map((t, i) => [t.id, tensorAt(own, i)]));
    appendNodes(body, region.nodes, map);
    const seeds = region.outputs
      .filter((_, i) => cotangentsOfOutputs[i])
      .map((o, i) => [map.get(o.id) ?? o, tensorAt(own, node.inputs.length + i)] as const);
    const by = own.slice(0, node.inputs.length).filter((_, i) => wants[i]);
    const gradients = differentiate(body, body.nodes, seeds, by);
    found = own.flatMap((t, i) => (gradients.has(t.id) ? [i] : []));
    return found.map((i) => {
      const g = gradients.get(tensorAt(own, i).id);
      if (g?.kind !== 'dense')
        throw new RangeError(`differentiate: region ${region.name} gathers from an input`);
      return g.tensor;
    });
  });
  const outputs = graph.call(gradient, inputs);
  return node.inputs.map((_, i) => outputs[found.indexOf(i)]);
}
