import { opDefinition } from './ops/registry.ts';
import { perRow } from './ops/rows.ts';
import type { Node, Program, Update } from './program.ts';
import { gradientTensors } from './rewrite.ts';
import { describeShape, outputOf, type Shape, type Tensor } from './tensor.ts';

/**
 * Checks that a program is well formed: each tensor is written once and before it is read, has the shape that its op
 * infers, and assignments and updates are of declared variables, have their shapes, and change each at most once.
 *
 * @throws RangeError naming the program and the place.
 */
export function validateProgram(program: Program): void {
  const where = `program "${program.name}"`;
  const sources = [...program.variables.map((v) => v.tensor), ...Object.values(program.inputs)];
  const written = validateNodes(where, program.nodes, sources);
  const variables = new Map(program.variables.map((v) => [v.variable.name, v.tensor]));
  for (const [name, value] of Object.entries(program.outputs)) {
    if (!written.has(value.id)) throw new RangeError(`${where}: output "${name}" is never computed`);
  }
  for (const { variable, value } of program.assignments) {
    const target = variables.get(variable);
    if (!target) throw new RangeError(`${where}: assignment to unknown variable "${variable}"`);
    expectShape(`${where}: assignment to "${variable}"`, value, target);
    if (!written.has(value.id)) throw new RangeError(`${where}: value of "${variable}" is never computed`);
  }
  for (const update of program.updates) validateUpdate(where, update, variables, written);
  expectOneChange(where, program);
}

function expectOneChange(where: string, { assignments, updates }: Program): void {
  const changed = new Set<string>();
  const updated = updates.flatMap(({ variable, slots }) => [variable, ...slots]);
  for (const name of [...assignments.map((a) => a.variable), ...updated]) {
    if (changed.has(name)) {
      throw new RangeError(`${where}: "${name}" is changed twice. Give it one assignment or one update.`);
    }
    changed.add(name);
  }
}

function validateUpdate(
  where: string,
  update: Update,
  variables: ReadonlyMap<string, Tensor>,
  written: ReadonlySet<number>,
): void {
  const declared = (name: string): Tensor => {
    const tensor = variables.get(name);
    if (!tensor) throw new RangeError(`${where}: update of unknown variable "${name}"`);
    return tensor;
  };
  const { variable, slots, gradient, optimizer, scalars } = update;
  const target = declared(variable);
  slots.forEach(declared);
  for (const t of [...gradientTensors(gradient), ...scalars]) {
    if (!written.has(t.id)) throw new RangeError(`${where}: update of "${variable}" is never computed`);
  }
  const what = `${where}: gradient of "${variable}"`;
  if (gradient.kind === 'dense') expectShape(what, gradient.tensor, target);
  else {
    for (const { indices, rows } of gradient.parts) {
      const k = Math.max(1, Math.round(perRow(rows, indices)));
      expectShape(`${what}, indices`, indices, { dtype: 'i32', rows: k * rows.rows, cols: 1 });
      expectShape(`${what}, rows`, rows, { dtype: 'f32', rows: indices.rows / k, cols: target.cols });
    }
  }
  validateNodes(`${where}: optimizer of "${variable}"`, optimizer.nodes, optimizer.inputs);
}

function expectShape(what: string, got: Shape, expected: Shape): void {
  if (got.rows !== expected.rows || got.cols !== expected.cols || got.dtype !== expected.dtype) {
    throw new RangeError(`${what} expected ${describeShape(expected)}, got ${describeShape(got)}`);
  }
}

function validateNodes(where: string, nodes: readonly Node[], sources: readonly Tensor[]): Set<number> {
  const written = new Set(sources.map((t) => t.id));
  for (const [i, node] of nodes.entries()) {
    const place = `${where}, node ${i} (${node.region?.name ?? node.op})`;
    for (const input of node.inputs) {
      if (!written.has(input.id))
        throw new RangeError(`${place}: reads tensor ${input.id} before it is written`);
    }
    for (const output of node.outputs) {
      if (written.has(output.id)) throw new RangeError(`${place}: writes tensor ${output.id} twice`);
      written.add(output.id);
    }
    if (node.region) validateNodes(place, node.region.nodes, node.region.inputs);
    else expectShape(place, outputOf(node), opDefinition(node.op).infer(node.inputs, node.attributes));
  }
  return written;
}
