import { inlineRegions, type Program, type Tensor, tensorAt } from '@gru4rec/program';
import { lowerNode } from './lower-node.ts';
import { OnnxGraph, type OnnxValue } from './onnx-graph.ts';

/** By tensor id. */
type ValueNames = Map<number, string>;

/** Row-major. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

export interface LoweredProgram {
  readonly graph: OnnxGraph;
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
}

export interface DerivedInputs {
  /** Inputs of the graph that the program does not have. */
  readonly inputs: readonly OnnxValue[];
  /** Appends nodes. @returns the values of inputs of the program by their names; not called without `inputs`. */
  derive(graph: OnnxGraph): Readonly<Record<string, string>>;
}

/**
 * For any number of slots. Parameters and tables become initializers with their names; inputs of indices become
 * int64 vectors, several per slot matrices. Each state becomes an input such as `layer0_h` and an output
 * `layer0_h_next`.
 * @param parameters - of every parameter and table; read when the model is encoded.
 * @param derived - inputs of the program that the graph computes from other inputs of the graph.
 * @throws RangeError if the program has an op without a lowering, or a parameter is missing.
 */
export function lowerProgram(
  build: (slots: number) => Program,
  parameters: ParameterValues,
  derived: DerivedInputs = { inputs: [], derive: () => ({}) },
): LoweredProgram {
  const free = freeSlots((slots) => inlineRegions(build(slots), () => false));
  const lowered: LoweredProgram = { graph: new OnnxGraph(), inputs: [], outputs: [] };
  const names: ValueNames = new Map();
  const nameOf = ({ id }: Tensor) => names.get(id) as string;
  declareInputs(lowered, names, free, derived);
  declareVariables(lowered, names, free, parameters);
  const outputs = declareOutputs(lowered, free);
  for (const node of free.program.nodes) {
    const [output] = node.outputs;
    const wanted = outputs.find(({ value }) => value.id === output?.id)?.name;
    const name = wanted ?? lowered.graph.reserve(node.op);
    lowerNode({ graph: lowered.graph, node, inputs: node.inputs.map(nameOf), output: name });
    for (const { id } of node.outputs) names.set(id, name);
  }
  for (const { name, value } of outputs) {
    if (nameOf(value) !== name) lowered.graph.append('Identity', [nameOf(value)], [name]);
  }
  return lowered;
}

function declareInputs(
  { graph, inputs }: LoweredProgram,
  names: ValueNames,
  free: FreeProgram,
  { inputs: graphInputs, derive }: DerivedInputs,
): void {
  for (const input of graphInputs) inputs.push({ ...input, name: graph.reserve(input.name) });
  const computed = graphInputs.length > 0 ? derive(graph) : {};
  for (const [key, tensor] of Object.entries(free.program.inputs)) {
    const known = computed[key];
    if (known !== undefined) {
      names.set(tensor.id, known);
      continue;
    }
    const name = graph.reserve(inputName(key));
    names.set(tensor.id, name);
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
      names.set(tensor.id, state);
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
    names.set(tensor.id, graph.matrix(name, rows, cols, values));
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
      return { name: `${stateName(variable)}_next`, value, description };
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

/** An identifier of most languages: `layer0_h`. */
function stateName(variable: string): string {
  return variable.replaceAll('.', '_');
}

/** In the style of the states: `click_features`. */
function inputName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether an input has the features of each slot: a matrix, also of one column. Other indices are vectors. */
function isMatrix({ nodes }: Program, { id }: Tensor): boolean {
  return nodes.some(({ op, inputs }) => op === 'add-rows' && inputs[2]?.id === id);
}

/** `batch` is the number of slots. */
type Extent = number | 'batch';

interface FreeProgram {
  /** Built for two slots. */
  readonly program: Program;
  /** The shape of an input, an output, a variable or an assigned value of `program`. */
  readonly extents: (tensor: Tensor) => readonly [rows: Extent, cols: Extent];
}

const SLOTS = [2, 3] as const;

/**
 * Finds the extents that are the number of slots: those in which programs built for two and for three slots
 * differ.
 */
function freeSlots(build: (slots: number) => Program): FreeProgram {
  const [program, other] = SLOTS.map(build) as [Program, Program];
  const [tensors, others] = [boundary(program), boundary(other)];
  const extents = new Map(
    tensors.map((tensor, i) => {
      const { rows, cols } = tensorAt(others, i);
      const perSlot = tensor.rows / SLOTS[0];
      // Indices of several rows per slot, one below the other.
      if (tensor.cols === 1 && rows === perSlot * SLOTS[1] && isMatrix(program, tensor))
        return [tensor.id, ['batch', perSlot] as const];
      return [tensor.id, [freed(tensor.rows, rows), freed(tensor.cols, cols)] as const];
    }),
  );
  return {
    program,
    extents(tensor) {
      const extent = extents.get(tensor.id);
      if (!extent) throw new RangeError(`freeSlots: tensor ${tensor.id} is neither input nor output`);
      return extent;
    },
  };
}

/** In an order that does not depend on the number of slots. */
function boundary({ inputs, outputs, variables, assignments }: Program): Tensor[] {
  return [
    ...Object.values(inputs),
    ...Object.values(outputs),
    ...variables.map(({ tensor }) => tensor),
    ...assignments.map(({ value }) => value),
  ];
}

function freed(extent: number, other: number): Extent {
  if (extent === other) return extent;
  if (extent === SLOTS[0] && other === SLOTS[1]) return 'batch';
  throw new RangeError(
    `freeSlots: extent expected a constant or the number of slots, got ${extent} and ${other} for ${SLOTS.join(' and ')} slots`,
  );
}
