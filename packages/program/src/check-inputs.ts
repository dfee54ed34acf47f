import type { InputValue } from './engine.ts';
import { type DType, describeShape, type Tensor } from './tensor.ts';

/** An input of a step and its values. */
export interface CheckedInput<Input extends Tensor = Tensor> {
  readonly name: string;
  readonly tensor: Input;
  /** The caller's array, or a number as an array of one. Read only. */
  readonly values: Int32Array | Float32Array | readonly number[];
}

/**
 * Matches the values given to a step with the inputs of its program.
 *
 * @param program - `Input` may be an engine's own type of tensor.
 * @returns the inputs in the program's order.
 * @throws RangeError if an input is unknown, missing or of the wrong length.
 * @throws TypeError if an input's array is of the wrong type.
 */
export function checkInputs<Input extends Tensor>(
  program: { readonly name: string; readonly inputs: Readonly<Record<string, Input>> },
  given: Readonly<Record<string, InputValue>>,
): CheckedInput<Input>[] {
  const where = (): string =>
    `run: "inputs" of program "${program.name}" expected ${Object.keys(program.inputs).join(', ')}`;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(program.inputs, name)) throw new RangeError(`${where()}, got ${name}`);
  }
  return Object.entries(program.inputs).map(([name, tensor]) => {
    const value = given[name];
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
