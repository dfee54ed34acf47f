import { inlineRegions, type Program, sharedVariables, type Variable } from '@gru4rec/program';
import { GraphWriter, type Ref } from './graph-writer.ts';
import { type Callable, lowerProgram } from './lower-program.ts';
import { encodeSavedModel, type NodeMessage } from './messages.ts';
import {
  declareVariables,
  type VariableEndpoints,
  writeEndpoints,
  writeInitialisation,
} from './variable-nodes.ts';

/** Programs as one graph, with the names of its endpoints. */
export interface WrittenModel {
  readonly nodes: readonly NodeMessage[];
  /** The bytes of `saved_model.pb`. */
  readonly bytes: Uint8Array;
  /** The programs, with all regions inlined. */
  readonly programs: readonly Program[];
  readonly variables: readonly Variable[];
  readonly endpoints: ReadonlyMap<string, VariableEndpoints>;
  /** Per program: the call of one step, then that of `stepsPerCall` steps if that is more than one. */
  readonly callables: ReadonlyMap<string, readonly Callable[]>;
  /** Sets every variable to zero. */
  readonly initialisation: Ref;
}

/** The device, and the number of steps per call. */
export interface WriteOptions {
  /** `/device:CPU:0` or `/device:GPU:0`. */
  readonly device: string;
  readonly stepsPerCall: number;
}

/**
 * Writes programs as one TensorFlow graph with their variables as resources.
 * @throws RangeError if two programs disagree on a shared variable or have the same name.
 */
export function writeModel(
  programs: readonly Program[],
  { device, stepsPerCall }: WriteOptions,
): WrittenModel {
  const graph = new GraphWriter(device);
  const variables = sharedVariables(programs);
  const flat = programs.map((program) => inlineRegions(program, () => false));
  const stored = graph.scope('variables', () => declareVariables(graph, flat, variables));
  const callables = new Map<string, readonly Callable[]>();
  const counts = stepsPerCall === 1 ? [1] : [1, stepsPerCall];
  for (const program of flat) {
    const write = (steps: number): Callable =>
      graph.scope(steps === 1 ? program.name : `${program.name}_by_${steps}`, () =>
        lowerProgram(graph, program, stored, steps),
      );
    callables.set(program.name, counts.map(write));
  }
  const endpoints = new Map(
    [...stored].map(([name, variable]) => [name, graph.scope(name, () => writeEndpoints(graph, variable))]),
  );
  const initialisation = graph.scope('start', () => writeInitialisation(graph, stored.values()));
  const { nodes } = graph;
  const bytes = encodeSavedModel(nodes);
  return { nodes, bytes, programs: flat, variables, endpoints, callables, initialisation };
}
