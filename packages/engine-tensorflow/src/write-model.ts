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
