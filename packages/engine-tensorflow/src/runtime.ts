import {
  checkIndices,
  checkInputs,
  type InputValue,
  indexLimits,
  type Program,
  type Runtime,
  type RuntimeArray,
  rowsWritten,
  type Variable,
  valueNamed,
} from '@gru4rec/program';
import type { Callable } from './lower-program.ts';
import type { Session } from './session.ts';
import type { VariableEndpoints } from './variable-nodes.ts';
import type { WrittenModel } from './write-model.ts';

/** A runtime that can also run several steps in one call. */
export interface TensorFlowRuntime extends Runtime {
  /**
   * Runs consecutive steps of a program, each after the changes of the previous one.
   * @param steps - inputs per step, for one step or for the engine's `stepsPerCall`.
   * @returns fresh outputs per step.
   * @throws RangeError as `run`, and for another number of steps.
   */
  runSteps(
    program: string,
    steps: readonly Readonly<Record<string, InputValue>>[],
  ): Readonly<Record<string, RuntimeArray>>[];
}

interface LoadedProgram {
  readonly program: Program;
  /** Exclusive upper bound of each index input, by name. */
  readonly limits: ReadonlyMap<string, number>;
  readonly callables: readonly Callable[];
  /** Memory for the packed inputs, by number of steps. */
  readonly words: ReadonlyMap<number, Int32Array>;
}

/** Runs programs in a TensorFlow session. */
export class SessionRuntime implements TensorFlowRuntime {
  readonly variables: readonly Variable[];
  readonly #session: Session;
  readonly #programs: ReadonlyMap<string, LoadedProgram>;
  readonly #endpoints: ReadonlyMap<string, VariableEndpoints>;

  /** @param open - opens a session of the model's graph. */
  constructor(model: WrittenModel, open: () => Session) {
    this.variables = model.variables;
    this.#endpoints = model.endpoints;
    this.#programs = new Map(
      model.programs.map((p) => [p.name, loaded(p, model.callables.get(p.name) ?? [])]),
    );
    this.#session = open();
    try {
      this.#session.run([], [model.initialisation]);
    } catch (error) {
      this.#session.close();
      throw error;
    }
  }

  run(name: string, inputs: Readonly<Record<string, InputValue>>): Record<string, RuntimeArray> {
    return this.runSteps(name, [inputs])[0] as Record<string, RuntimeArray>;
  }

  runSteps(
    name: string,
    steps: readonly Readonly<Record<string, InputValue>>[],
  ): Record<string, RuntimeArray>[] {
    const { program, limits, callables, words } = valueNamed('run', 'program', this.#programs, name);
    const callable = callables.find((c) => c.steps === steps.length);
    if (!callable) {
      const allowed = callables.map((c) => c.steps).join(' or ');
      throw new RangeError(
        `runSteps: "steps" expected ${allowed}, as the engine was made for, got ${steps.length}`,
      );
    }
    const { packed, input, outputs, fetches } = callable;
    const values = words.get(steps.length) as Int32Array;
    for (const [i, inputs] of steps.entries()) {
      const checked = checkInputs(program, inputs);
      for (const { name, values: given } of checked) {
        const limit = limits.get(name);
        if (limit !== undefined) checkIndices(name, given, limit);
      }
      packed.store(checked, values, i * packed.length);
    }
    const feeds = values.length > 0 ? [{ ref: input, values, shape: [values.length] }] : [];
    const fetched = this.#session.run(feeds, fetches);
    return steps.map((_, i) =>
      Object.fromEntries(
        outputs.map(({ name }, o) => [name, partOf(fetched[o] as RuntimeArray, i, steps.length)]),
      ),
    );
  }

  read(name: string): Float32Array {
    const { read } = valueNamed('read', 'variable', this.#endpoints, name);
    return this.#session.run([], [read])[0] as Float32Array;
  }

  detach(name: string): Float32Array {
    const { read } = valueNamed('detach', 'variable', this.#endpoints, name);
    return this.#session.run([], [read])[0] as Float32Array;
  }

  write(name: string, values: ArrayLike<number>, fromRow?: number): void {
    const { writeAll, writeRows, ...endpoint } = valueNamed('write', 'variable', this.#endpoints, name);
    const { rows, cols } = this.variables.find((v) => v.name === name) as Variable;
    const count = rowsWritten(`write: "${name}"`, { rows, cols }, values.length, fromRow);
    const floats = values instanceof Float32Array ? values : Float32Array.from(values);
    const given = { ref: endpoint.values, values: floats, shape: [count, cols] };
    if (fromRow === undefined) this.#session.run([given], [writeAll]);
    else {
      const start = { ref: endpoint.fromRow, values: Int32Array.of(fromRow), shape: [] };
      this.#session.run([given, start], [writeRows]);
    }
  }

  dispose(): void {
    this.#session.close();
  }
}

function loaded(program: Program, callables: readonly Callable[]): LoadedProgram {
  const byTensor = indexLimits(program);
  const limits = new Map<string, number>();
  for (const [name, { id }] of Object.entries(program.inputs)) {
    const limit = byTensor.get(id);
    if (limit !== undefined) limits.set(name, limit);
  }
  const words = callables.map(({ steps, packed }): [number, Int32Array] => [
    steps,
    new Int32Array(steps * packed.length),
  ]);
  return { program, limits, callables, words: new Map(words) };
}

/** The values of one step in an output of several steps. */
function partOf(values: RuntimeArray, step: number, steps: number): RuntimeArray {
  const length = values.length / steps;
  return steps === 1 ? values : values.slice(step * length, (step + 1) * length);
}
