import {
  type CheckedInput,
  inlineRegions,
  type Program,
  sharedVariables,
  type Tensor,
  type Variable,
} from '@gru4rec/program';
import { lowerChanges } from './changes.ts';
import {
  encodeSavedModel,
  FLOAT,
  GraphWriter,
  INT32,
  type NodeMessage,
  type Ref,
  shapeOf,
} from './graph-writer.ts';
import { StepLowering } from './lowering.ts';
import { reshape, slice } from './ops/lowering.ts';
import {
  declareVariables,
  doneAfter,
  type StoredVariable,
  type VariableEndpoints,
  writeEndpoints,
  writeInitialisation,
} from './variable-nodes.ts';

export interface WrittenModel {
  readonly nodes: readonly NodeMessage[];
  readonly bytes: Uint8Array;
  /** The programs, with all regions inlined. */
  readonly programs: readonly Program[];
  readonly variables: readonly Variable[];
  readonly endpoints: ReadonlyMap<string, VariableEndpoints>;
  readonly callables: ReadonlyMap<string, Callable>;
  readonly initialisation: Ref;
}

export interface Callable {
  readonly packed: PackedInputs;
  /** Placeholder, int32 [packed.length]. */
  readonly input: Ref;
  readonly outputs: readonly string[];
  /** Outputs, or without outputs a value after the changes. Once they are computed, all changes have taken effect. */
  readonly fetches: readonly Ref[];
}

/** `device`: `/device:CPU:0` or `/device:GPU:0`. @throws RangeError if programs share a name or disagree on a variable. */
export function writeModel(programs: readonly Program[], device: string): WrittenModel {
  const graph = new GraphWriter(device);
  const variables = sharedVariables(programs);
  const flat = programs.map((program) => inlineRegions(program, () => false));
  const stored = graph.scope('variables', () => declareVariables(graph, flat, variables));
  const callables = new Map(
    flat.map((p) => [p.name, graph.scope(p.name, () => writeProgram(graph, p, stored))]),
  );
  const endpoints = new Map(
    [...stored].map(([name, variable]) => [name, graph.scope(name, () => writeEndpoints(graph, variable))]),
  );
  const initialisation = graph.scope('start', () => writeInitialisation(graph, stored.values()));
  const { nodes } = graph;
  const bytes = encodeSavedModel(nodes);
  return { nodes, bytes, programs: flat, variables, endpoints, callables, initialisation };
}

function writeProgram(
  graph: GraphWriter,
  program: Program,
  variables: ReadonlyMap<string, StoredVariable>,
): Callable {
  const packed = new PackedInputs(program);
  const input = graph.add('Placeholder', [], {
    attributes: { dtype: INT32, shape: { shape: shapeOf([packed.length]) } },
  });
  const lowering = new StepLowering(graph, program, variables);
  for (const [tensor, ref] of packed.unpack(graph, input)) lowering.define(tensor, ref);
  lowering.lower(program.nodes);
  const values = Object.values(program.outputs).map((tensor) => ({ tensor, ref: lowering.ref(tensor) }));
  const effects = lowerChanges(lowering, program);
  const fetched = values.map(({ tensor: { dtype }, ref }, i) => {
    const attributes = { T: dtype === 'f32' ? FLOAT : INT32 };
    return graph.add('Identity', [ref], { attributes, after: i === 0 ? effects : [] });
  });
  const fetches = fetched.length > 0 ? fetched : [doneAfter(graph, effects)];
  return { packed, input, outputs: Object.keys(program.outputs), fetches };
}

/** The inputs of a step as consecutive 32-bit words, so that a call feeds one tensor instead of one per input. */
export class PackedInputs {
  readonly length: number;
  readonly #offsets = new Map<number, number>();
  readonly #tensors: readonly Tensor[];

  constructor(program: Program) {
    this.#tensors = Object.values(program.inputs);
    let length = 0;
    for (const { id, rows, cols } of this.#tensors) {
      this.#offsets.set(id, length);
      length += rows * cols;
    }
    this.length = length;
  }

  store(inputs: readonly CheckedInput[], words: Int32Array): void {
    const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
    for (const { tensor, values } of inputs) {
      const target = tensor.dtype === 'i32' ? words : floats;
      target.set(values, this.#offsets.get(tensor.id) as number);
    }
  }

  /** Writes the nodes that unpack each input from `packed`, int32 [n]. @returns a reference per tensor. */
  unpack(graph: GraphWriter, packed: Ref): [Tensor, Ref][] {
    const floats = this.#tensors.some(({ dtype }) => dtype === 'f32') ? asFloats(graph, packed) : '';
    return this.#tensors.map((tensor) => {
      const { id, dtype, rows, cols } = tensor;
      const part = { from: [this.#offsets.get(id) as number], size: [rows * cols] };
      const words = slice(graph, dtype === 'f32' ? floats : packed, part, dtype);
      return [tensor, reshape(graph, words, [rows, cols], dtype)];
    });
  }
}

/** Unpacks all words at once, because on a GPU each such node is a copy to the device. */
function asFloats(graph: GraphWriter, words: Ref): Ref {
  const attributes = { T: INT32, type: FLOAT };
  return graph.add('Bitcast', [words], { attributes });
}
