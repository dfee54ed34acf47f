import type { DType, Program } from '@gru4rec/program';
import { lowerChanges } from './changes.ts';
import { type GraphWriter, type Ref, shapeOf, typeOf } from './graph-writer.ts';
import { StepLowering, type StepPlace } from './lowering.ts';
import { DataType } from './messages.ts';
import { stacked } from './ops/lowering.ts';
import { PackedInputs } from './packed-inputs.ts';
import { doneAfter, type StoredVariable } from './variable-nodes.ts';

/** A value that a call fetches. */
export interface FetchedOutput {
  readonly name: string;
  readonly dtype: DType;
  readonly ref: Ref;
}

/** The endpoints for calling one or several steps of a program. */
export interface Callable {
  readonly steps: number;
  readonly packed: PackedInputs;
  /** Placeholder, int32 [steps · packed.length]: the inputs of all steps. */
  readonly input: Ref;
  /** Each output, with the steps' values stacked by rows. Once it is computed, every step has taken effect. */
  readonly outputs: readonly FetchedOutput[];
  /** The tensors to fetch: the outputs, or without outputs a value that is computed after the steps. */
  readonly fetches: readonly Ref[];
}

/**
 * Writes `steps` steps of a program, each after the changes of the previous one.
 * @param program - must have no regions among its nodes.
 */
export function lowerProgram(
  graph: GraphWriter,
  program: Program,
  variables: ReadonlyMap<string, StoredVariable>,
  steps: number,
): Callable {
  const packed = new PackedInputs(program);
  const input = graph.add('Placeholder', [], {
    attributes: { dtype: typeOf(DataType.int32), shape: { shape: shapeOf([steps * packed.length]) } },
  });
  const written: WrittenStep[] = [];
  for (let step = 0; step < steps; step++) {
    const place = { graph, variables, after: written.at(-1)?.effects ?? [] };
    const write = (): WrittenStep =>
      writeStep(program, place, { packed, input, start: step * packed.length });
    written.push(steps === 1 ? write() : graph.scope(`step${step}`, write));
  }
  const effects = written.flatMap((step) => step.effects);
  const outputs = Object.entries(program.outputs).map(([name, { dtype }], i) => {
    const parts = written.map((step) => step.outputs.get(name) as Ref);
    const attributes = { T: typeOf(dtype === 'f32' ? DataType.float : DataType.int32) };
    const after = i === 0 ? effects : [];
    return { name, dtype, ref: graph.add('Identity', [stacked(graph, parts, dtype)], { attributes, after }) };
  });
  const fetches = outputs.length > 0 ? outputs.map(({ ref }) => ref) : [doneAfter(graph, effects)];
  return { steps, packed, input, outputs, fetches };
}

interface WrittenStep {
  readonly outputs: ReadonlyMap<string, Ref>;
  /** Nodes that change variables. */
  readonly effects: readonly Ref[];
}

interface StepInputs {
  readonly packed: PackedInputs;
  readonly input: Ref;
  readonly start: number;
}

function writeStep(program: Program, place: StepPlace, { packed, input, start }: StepInputs): WrittenStep {
  const lowering = new StepLowering(program, place);
  for (const [tensor, ref] of packed.unpack(place.graph, input, start)) lowering.define(tensor, ref);
  lowering.lower(program.nodes);
  const outputs = new Map(Object.entries(program.outputs).map(([name, t]) => [name, lowering.ref(t)]));
  return { outputs, effects: lowerChanges(lowering, program) };
}
