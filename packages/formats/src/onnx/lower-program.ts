import { inlineRegions, type Node, type Program, type Tensor } from '@gru4rec/program';
import { inputName, isMatrix, nextName, type ParameterValues, stateName } from '../exported-model.ts';
import { type Extent, type FreeProgram, freeSlots } from '../free-slots.ts';
import { lowerNode } from './lower-node.ts';
import { OnnxGraph, type OnnxValue } from './onnx-graph.ts';

export interface LoweredProgram {
  readonly graph: OnnxGraph;
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
}

/**
 * For any number of slots. Parameters and tables become initializers with their names; inputs of indices become
 * int64 vectors, several per slot matrices. Each state becomes an input such as `layer0_h` and an output
 * `layer0_h_next`.
 * @param parameters - of every parameter and table; read when the model is encoded.
 * @throws RangeError if the program has an op without a lowering, or a parameter is missing.
 */
export function lowerProgram(build: (slots: number) => Program, parameters: ParameterValues): LoweredProgram {
  const free = freeSlots((slots) => inlineRegions(build(slots), () => false));
  const lowered: LoweredProgram = { graph: new OnnxGraph(), inputs: [], outputs: [] };
  const names = new ValueNames();
  declareInputs(lowered, names, free);
  declareVariables(lowered, names, free, parameters);
  const outputs = declareOutputs(lowered, free);
  for (const node of free.program.nodes) {
    const [output] = node.outputs;
    const wanted = outputs.find(({ value }) => value.id === output?.id)?.name;
    const name = wanted ?? lowered.graph.reserve(names.suggest(node));
    lowerNode({ graph: lowered.graph, node, inputs: node.inputs.map((t) => names.of(t)), output: name });
    names.set(node, name);
  }
  for (const { name, value } of outputs) {
    if (names.of(value) !== name) lowered.graph.append('Identity', [names.of(value)], [name]);
  }
  return lowered;
}

function declareInputs({ graph, inputs }: LoweredProgram, names: ValueNames, free: FreeProgram): void {
  for (const [key, tensor] of Object.entries(free.program.inputs)) {
    const name = graph.reserve(inputName(key));
    names.source(tensor, name, 'input');
    const [rows, cols] = free.extents(tensor);
    const type = isMatrix(free.program, tensor)
      ? ({ type: 'int64', dims: [rows, cols] } as const)
      : typeOf(tensor, [rows, cols]);
    inputs.push({ name, ...type, description: '' });
  }
}

function declareVariables(
  { graph, inputs }: LoweredProgram,
  names: ValueNames,
  free: FreeProgram,
  parameters: ParameterValues,
): void {
  for (const { variable, tensor } of free.program.variables) {
    const { kind, name, rows, cols } = variable;
    if (kind === 'state') {
      const state = graph.reserve(stateName(name));
      names.source(tensor, state, 'state');
      const description = 'Zeros at the start of a session, then what came out as next.';
      inputs.push({ name: state, ...typeOf(tensor, free.extents(tensor)), description });
      continue;
    }
    const values = parameters.get(name);
    if (values?.length !== rows * cols) {
      throw new RangeError(
        `toOnnx: "${name}" expected ${rows} × ${cols} values, got ${values ? values.length : 'none'}`,
      );
    }
    names.source(tensor, graph.matrix(name, rows, cols, values), 'parameter');
  }
}

function declareOutputs(
  { graph, outputs }: LoweredProgram,
  { program, extents }: FreeProgram,
): { readonly name: string; readonly value: Tensor }[] {
  const named = [
    ...Object.entries(program.outputs).map(([name, value]) => ({ name, value, description: '' })),
    ...program.assignments.map(({ variable, value }) => {
      const description = `${stateName(variable)} of the session's next event.`;
      return { name: nextName(variable), value, description };
    }),
  ];
  return named.map(({ name: wanted, value, description }) => {
    const name = graph.reserve(wanted);
    outputs.push({ name, ...typeOf(value, extents(value)), description });
    return { name, value };
  });
}

function typeOf(
  { dtype }: Tensor,
  [rows, cols]: readonly [Extent, Extent],
): Pick<OnnxValue, 'type' | 'dims'> {
  return dtype === 'i32' ? { type: 'int64', dims: [rows] } : { type: 'float', dims: [rows, cols] };
}

/** `layer0.Wr.matmul` if the op reads a parameter, else `layer0.sigmoid`. */
class ValueNames {
  readonly #names = new Map<number, string>();
  /** By tensor id: the layer of a value, or the parameter outside of layers that it depends on. */
  readonly #scopes = new Map<number, string>();
  readonly #parameters = new Set<number>();

  source(tensor: Tensor, name: string, kind: 'parameter' | 'state' | 'input'): void {
    this.#names.set(tensor.id, name);
    if (kind === 'parameter') this.#parameters.add(tensor.id);
    if (kind !== 'input') this.#scopes.set(tensor.id, name.split(/[._]/, 1)[0] ?? '');
  }

  suggest({ op, inputs }: Node): string {
    const parameter = inputs.find(({ id }) => this.#parameters.has(id));
    const scope = parameter ? this.#names.get(parameter.id) : this.#scopeOf(inputs);
    return scope ? `${scope}.${op}` : op;
  }

  set({ inputs, outputs }: Node, name: string): void {
    for (const { id } of outputs) {
      this.#names.set(id, name);
      this.#scopes.set(id, this.#scopeOf(inputs));
    }
  }

  of({ id }: Tensor): string {
    const name = this.#names.get(id);
    if (name === undefined) throw new RangeError(`toOnnx: tensor ${id} is read before it is written`);
    return name;
  }

  #scopeOf(inputs: readonly Tensor[]): string {
    return inputs.map(({ id }) => this.#scopes.get(id) ?? '').findLast((scope) => scope !== '') ?? '';
  }
}
