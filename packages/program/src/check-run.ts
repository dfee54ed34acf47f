import type { InputValue } from './engine.ts';
import type { Program, Variable } from './program.ts';
import { type DType, describeShape, type Tensor } from './tensor.ts';

/** An input of a step and its values. */
export interface CheckedInput<Input extends Tensor = Tensor> {
  readonly name: string;
  readonly tensor: Input;
  /** The caller's array, or a number as an array of one. Read only. */
  readonly values: Int32Array | Float32Array | readonly number[];
}

/**
 * Matches the values given to a step with the inputs of its program, in its order; tensors may be of an engine's own type.
 * @throws RangeError if an input is unknown, missing or of the wrong length; TypeError if its array is of the wrong type.
 */
export function checkInputs<Input extends Tensor>(
  program: { readonly name: string; readonly inputs: Readonly<Record<string, Input>> },
  passed: Readonly<Record<string, InputValue>>,
): CheckedInput<Input>[] {
  const where = (): string =>
    `run: "inputs" of program "${program.name}" expected ${Object.keys(program.inputs).join(', ')}`;
  for (const name of Object.keys(passed)) {
    if (!Object.hasOwn(program.inputs, name)) throw new RangeError(`${where()}, got ${name}`);
  }
  return Object.entries(program.inputs).map(([name, tensor]) => {
    const value = passed[name];
    if (value === undefined) throw new RangeError(`${where()}, got no ${name}`);
    return { name, tensor, values: checkInput(name, tensor, value) };
  });
}

function checkInput(name: string, tensor: Tensor, value: InputValue): CheckedInput['values'] {
  const { dtype, rows, cols } = tensor;
  const values = typeof value === 'number' ? [value] : value;
  if (typeof value !== 'number' && value instanceof Int32Array !== (dtype === 'i32')) {
    throw new TypeError(`run: "${name}" expected ${arrayName(dtype)}, got ${value.constructor.name}`);
  }
  if (values.length === rows * cols) return values;
  throw new RangeError(
    `run: "${name}" expected ${rows * cols} values for ${describeShape(tensor)}, got ${values.length}`,
  );
}

function arrayName(dtype: DType): string {
  return dtype === 'f32' ? 'Float32Array' : 'Int32Array';
}

/** @throws RangeError naming the first index outside −1 to `limit` − 1. */
export function checkIndices(name: string, values: ArrayLike<number>, limit: number): void {
  for (let i = 0; i < values.length; i++) {
    const index = values[i] as number;
    if (index >= limit || index < -1) {
      throw new RangeError(
        `run: "${name}"[${i}] expected an index ${limit === Number.POSITIVE_INFINITY ? 'of 0 or more' : `below ${limit}`}, or −1 for none, got ${index}`,
      );
    }
  }
}

/**
 * Number of rows that a write to a variable covers.
 * @param what - the caller and the variable, for messages.
 * @throws RangeError if there are not rows × cols values, or with `fromRow`, not whole rows within the variable.
 */
export function rowsWritten(
  what: string,
  { rows, cols }: { readonly rows: number; readonly cols: number },
  length: number,
  fromRow?: number,
): number {
  const rowCount = length / cols;
  if (fromRow === undefined) {
    if (length === rows * cols) return rows;
    throw new RangeError(`${what} expected ${rows * cols} values of [${rows}, ${cols}], got ${length}`);
  }
  const whole = Number.isInteger(fromRow) && fromRow >= 0 && Number.isInteger(rowCount);
  if (whole && fromRow + rowCount <= rows) return rowCount;
  throw new RangeError(
    `${what} expected whole rows of ${cols} within ${rows}, got ${rowCount} from row ${fromRow}`,
  );
}

/**
 * The exclusive upper bound of each index tensor, by id: the fewest rows of any table that it gathers from or updates, and
 * infinity for indices that only group rows.
 *
 * @throws RangeError if a program gathers its own top indices from a table with too few rows: a step does not check
 *   computed indices.
 */
export function indexLimits(program: Program): Map<number, number> {
  const limits = new Map<number, number>();
  const lower = (t: Tensor, limit: number): unknown =>
    limits.set(t.id, Math.min(limit, limits.get(t.id) ?? limit));
  for (const { variable, gradient } of program.updates) {
    const table = program.variables.find((v) => v.variable.name === variable);
    if (gradient.kind === 'dense' || !table) continue;
    for (const { indices } of gradient.parts) lower(indices, table.variable.rows);
  }
  for (const node of [...program.nodes].reverse()) {
    const [first, second] = node.inputs;
    const isOfFirst = node.op === 'rank-counts' || node.op === 'gather' || node.op === 'adjust';
    if (isOfFirst && first && second) lower(second, first.rows);
    const third = node.inputs[2];
    if (node.op === 'add-rows' && second && third) lower(third, second.rows);
    if (node.op === 'merge-rows' && second) lower(second, Number.POSITIVE_INFINITY);
    if (node.op === 'scatter-rows' && second) lower(second, Number(node.attributes.rows));
    const bound = node.outputs[0] && limits.get(node.outputs[0].id);
    if (node.op.startsWith('top-') && first && bound !== undefined) checkBest(first.rows, bound);
    if (bound === undefined) continue;
    // Values gathered from a table of indices are bounded only by that table.
    const carried = node.op === 'gather' || node.op === 'top-allowed' ? node.inputs.slice(0, 1) : node.inputs;
    for (const t of carried) if (t.dtype === 'i32') lower(t, bound);
  }
  return limits;
}

function checkBest(rows: number, limit: number): void {
  if (rows <= limit) return;
  throw new RangeError(
    `load: a list of the best of ${rows} rows expected a table with at least ${rows} rows to gather from, got ${limit} rows`,
  );
}

/** What a runtime has loaded under a name. @throws RangeError listing the known names. */
export function valueNamed<Value>(
  caller: string,
  kind: 'program' | 'variable',
  known: ReadonlyMap<string, Value>,
  name: string,
): Value {
  const value = known.get(name);
  if (value !== undefined) return value;
  throw new RangeError(`${caller}: "${kind}" expected one of ${[...known.keys()].join(', ')}, got ${name}`);
}

interface Declaration {
  readonly variable: Variable;
  readonly program: string;
}

/**
 * The variables of several programs, which share them by name, in order of first declaration.
 * @throws RangeError if two programs have the same name or disagree on a variable's shape.
 */
export function sharedVariables(programs: readonly Program[]): readonly Variable[] {
  const byName = new Map<string, Declaration>();
  const names = new Set<string>();
  for (const program of programs) {
    if (names.has(program.name)) {
      throw new RangeError(`load: "programs" expected different names, got ${program.name} twice`);
    }
    names.add(program.name);
    for (const { variable } of program.variables) {
      const known = byName.get(variable.name);
      if (known) expectSameShape(known, { variable, program: program.name });
      else byName.set(variable.name, { variable, program: program.name });
    }
  }
  return [...byName.values()].map((entry) => entry.variable);
}

function expectSameShape(
  { variable: a, program: first }: Declaration,
  { variable: b, program }: Declaration,
): void {
  if (a.rows === b.rows && a.cols === b.cols) return;
  const [shapeA, shapeB] = [a, b].map((v) => describeShape({ dtype: 'f32', rows: v.rows, cols: v.cols }));
  throw new RangeError(
    `load: variable "${a.name}" expected ${shapeA} as in program "${first}", got ${shapeB} in program "${program}"`,
  );
}
