import { type Program, rowsWritten, sharedVariables, type Variable, valueNamed } from '@gru4rec/program';
import { type Matrix, zeros } from './matrix.ts';

/** Values of the variables of several programs, shared by name. A matrix is replaced, never modified. */
export class VariableStore {
  readonly declared: readonly Variable[];
  readonly #values = new Map<string, Matrix>();

  /** @throws RangeError if two programs have the same name or disagree on a variable's shape. */
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

  /** A fresh copy. */
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
