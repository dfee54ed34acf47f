import { inlineRegions, type Program, sharedVariables, type Variable } from '@gru4rec/program';
import { lowerChanges } from './changes.ts';
import { GraphWriter, type Ref, shapeOf, typeOf } from './graph-writer.ts';
import { StepLowering } from './lowering.ts';
import { DataType, encodeSavedModel, type NodeMessage } from './messages.ts';
import { PackedInputs } from './packed-inputs.ts';
import {
  declareVariables,
  doneAfter,
  type StoredVariable,
  type VariableEndpoints,
  writeEndpoints,
  writeInitialisation,
} from './variable-nodes.ts';

/** Programs as one graph, with the names of its endpoints. */
export interface WrittenModel {
  readonly nodes: readonly NodeMessage[];
  readonly bytes: Uint8Array;
  /** The programs, with all regions inlined. */
  readonly programs: readonly Program[];
  readonly variables: readonly Variable[];
  readonly endpoints: ReadonlyMap<string, VariableEndpoints>;
  /** By program. */
  readonly callables: ReadonlyMap<string, Callable>;
  readonly initialisation: Ref;
}

/** The endpoints for running a program. */
export interface Callable {
  readonly packed: PackedInputs;
  /** Placeholder, int32 [packed.length]. */
  readonly input: Ref;
  readonly outputs: readonly string[];
  /**
   * The tensors to fetch: the outputs, or without outputs a value that is computed after the changes. Once they are
   * computed, all changes have taken effect.
   */
  readonly fetches: readonly Ref[];
}

/**
 * Writes programs as one TensorFlow graph with their variables as resources.
 * @param device - `/device:CPU:0` or `/device:GPU:0`.
 * @throws RangeError if two programs disagree on a shared variable or have the same name.
 */
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
    attributes: { dtype: typeOf(DataType.int32), shape: { shape: shapeOf([packed.length]) } },
  });
  const lowering = new StepLowering(graph, program, variables);
  for (const [tensor, ref] of packed.unpack(graph, input)) lowering.define(tensor, ref);
  lowering.lower(program.nodes);
  const values = Object.values(program.outputs).map((tensor) => ({ tensor, ref: lowering.ref(tensor) }));
  const effects = lowerChanges(lowering, program);
  const fetched = values.map(({ tensor: { dtype }, ref }, i) => {
    const attributes = { T: typeOf(dtype === 'f32' ? DataType.float : DataType.int32) };
    return graph.add('Identity', [ref], { attributes, after: i === 0 ? effects : [] });
  });
  const fetches = fetched.length > 0 ? fetched : [doneAfter(graph, effects)];
  return { packed, input, outputs: Object.keys(program.outputs), fetches };
}
