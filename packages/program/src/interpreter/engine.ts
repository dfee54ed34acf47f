import {
  checkInputs,
  type Engine,
  type InputValue,
  inlineRegions,
  type Program,
  type Runtime,
  rowsWritten,
  sharedVariables,
  type Variable,
  valueNamed,
} from '@gru4rec/program';
import { applyUpdate, interpret } from './interpret.ts';
import { type Matrix, zeros } from './kernels.ts';

/**
 * The engine that defines what a program means: plain float64 loops, without fusion. It is slow, and the oracle for the
 * other engines. Its outputs are fresh arrays.
 */
export function createReferenceEngine(): Engine {
  return { name: 'reference', load: (programs) => new ReferenceRuntime(programs) };
}

class ReferenceRuntime implements Runtime {
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #store: VariableStore;

  constructor(programs: readonly Program[]) {
    this.#store = new VariableStore(programs);
    const flat = programs.map((program) => inlineRegions(program, () => false));
    this.#programs = new Map(flat.map((program) => [program.name, program]));
  }

  get variables(): readonly Variable[] {
    return this.#store.declared;
  }

  run(name: string, inputs: Readonly<Record<string, InputValue>>): Record<string, Float64Array | Int32Array> {
    const program = valueNamed('run', 'program', this.#programs, name);
    const values = readInputs(program, inputs);
    for (const { variable, tensor } of program.variables)
      values.set(tensor.id, this.#store.get(variable.name));
    interpret(program.nodes, values);
    for (const [variable, value] of this.#results(program, values)) this.#store.replace(variable, value);
    const outputs = Object.entries(program.outputs);
    return Object.fromEntries(
      outputs.map(([output, t]) => [output, (values.get(t.id) as Matrix).data.slice()]),
    );
  }

  read(variable: string): Float64Array {
    return this.#store.read(variable);
  }

  detach(variable: string): Float64Array {
    return this.#store.detach(variable);
  }

  write(variable: string, values: ArrayLike<number>, fromRow?: number): void {
    this.#store.write(variable, values, fromRow);
  }

  dispose(): void {}

  /** Next values of updated and assigned variables, all computed from the values at the start of the step. */
  #results(program: Program, values: ReadonlyMap<number, Matrix>): [string, Matrix][] {
    const lookUp = ({ id }: { readonly id: number }): Matrix => values.get(id) as Matrix;
    const updated = program.updates.flatMap((update) => {
      const names = [update.variable, ...update.slots];
      const current = names.map((name) => this.#store.get(name));
      return applyUpdate(update, current, lookUp).map((value, i): [string, Matrix] => [names[i], value]);
    });
    const assigned = program.assignments.map((a): [string, Matrix] => [a.variable, lookUp(a.value)]);
    return [...updated, ...assigned];
  }
}

function readInputs(program: Program, passed: Readonly<Record<string, InputValue>>): Map<number, Matrix> {
  const inputs = checkInputs(program, passed);
  return new Map(
    inputs.map(({ tensor: { id, dtype, rows, cols }, values }) => {
      const data = dtype === 'f32' ? Float64Array.from(values) : Int32Array.from(values);
      return [id, { dtype, rows, cols, data }];
    }),
  );
}

class VariableStore {
  readonly declared: readonly Variable[];
  readonly #values = new Map<string, Matrix>();

  constructor(programs: readonly Program[]) {
    this.declared = sharedVariables(programs);
    for (const variable of this.declared)
      this.#values.set(variable.name, zeros({ dtype: 'f32', ...variable }));
  }

  get(name: string): Matrix {
    return this.#values.get(name) as Matrix;
  }

  replace(name: string, value: Matrix): void {
    this.#values.set(name, value);
  }

  read(name: string): Float64Array {
    return Float64Array.from(valueNamed('read', 'variable', this.#values, name).data);
  }

  /** The current matrix. Read only. */
  detach(name: string): Float64Array {
    return valueNamed('detach', 'variable', this.#values, name).data as Float64Array;
  }

  write(name: string, values: ArrayLike<number>, fromRow?: number): void {
    const known = valueNamed('write', 'variable', this.#values, name);
    rowsWritten(`write: "${name}"`, known, values.length, fromRow);
    const data = Float64Array.from(known.data);
    data.set(Float64Array.from(values), (fromRow ?? 0) * known.cols);
    this.replace(name, { ...known, data });
  }
}
