import { describeShape, type Program, type Variable } from '@gru4rec/program';
import { expectLength, type Matrix, zeros } from './matrix.ts';

/** Values of the variables of several programs, shared by name. A value is replaced, never written into. */
export class VariableStore {
  readonly declared: readonly Variable[];
  private readonly values = new Map<string, Matrix>();

  /** @throws RangeError if two programs disagree on a variable's shape. */
  constructor(programs: readonly Program[]) {
    const byName = new Map<string, { variable: Variable; program: string }>();
    for (const program of programs) {
      for (const { variable } of program.variables) {
        const known = byName.get(variable.name);
        if (known) expectSameShape(known, { variable, program: program.name });
        else byName.set(variable.name, { variable, program: program.name });
      }
    }
    this.declared = [...byName.values()].map((entry) => entry.variable);
    for (const variable of this.declared)
      this.values.set(variable.name, zeros({ dtype: 'f32', ...variable }));
  }

  get(name: string): Matrix {
    return this.values.get(name) as Matrix;
  }

  replace(name: string, value: Matrix): void {
    this.values.set(name, value);
  }

  /** A fresh copy. */
  read(name: string): Float64Array {
    return Float64Array.from(this.known('read', name).data);
  }

  /** The values themselves. */
  detach(name: string): Float64Array {
    return this.known('detach', name).data as Float64Array;
  }

  write(name: string, values: ArrayLike<number>, fromRow?: number): void {
    const known = this.known('write', name);
    const rows = fromRow === undefined ? known.rows : values.length / known.cols;
    if (fromRow !== undefined) expectRows(`write: "${name}"`, known, { fromRow, rows });
    expectLength(`write: "${name}"`, { ...known, rows }, values.length);
    const data = Float64Array.from(known.data);
    data.set(Float64Array.from(values), (fromRow ?? 0) * known.cols);
    this.replace(name, { ...known, data });
  }

  private known(method: string, name: string): Matrix {
    const value = this.values.get(name);
    if (value === undefined) {
      throw new RangeError(
        `${method}: "variable" expected one of ${[...this.values.keys()].join(', ')}, got ${name}`,
      );
    }
    return value;
  }
}

function expectRows(what: string, shape: Matrix, { fromRow, rows }: { fromRow: number; rows: number }): void {
  const fits =
    Number.isInteger(fromRow) && fromRow >= 0 && Number.isInteger(rows) && fromRow + rows <= shape.rows;
  if (fits) return;
  throw new RangeError(
    `${what} expected whole rows of ${shape.cols} within ${shape.rows}, got ${rows} from row ${fromRow}`,
  );
}

interface Declaration {
  readonly variable: Variable;
  readonly program: string;
}

function expectSameShape(first: Declaration, second: Declaration): void {
  const { variable: a } = first;
  const { variable: b } = second;
  if (a.rows === b.rows && a.cols === b.cols) return;
  const [shapeA, shapeB] = [a, b].map((v) => describeShape({ dtype: 'f32', rows: v.rows, cols: v.cols }));
  throw new RangeError(
    `load: variable "${a.name}" expected ${shapeA} as in program "${first.program}", got ${shapeB} in program "${second.program}"`,
  );
}
