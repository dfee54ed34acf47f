import type { Program } from './tensor.ts';

/** What a step takes: a typed array of the input's rows × cols, row-major and dense, or a scalar. */
export type InputValue = Int32Array | Float32Array | number;

/**
 * Programs compiled together, and the variables they share. Variables start at zero.
 * All arrays are dense and row-major, whatever the engine's own layout.
 */
export interface Runtime {
  /**
   * Runs one step of a program.
   * @returns outputs by name; views that stay valid until the next `run`.
   * @throws RangeError if a program or an input is unknown, missing or of the wrong length.
   */
  run(program: string, inputs: Readonly<Record<string, InputValue>>): Readonly<Record<string, RuntimeArray>>;
  /** A fresh copy of a variable. */
  read(variable: string): RuntimeArray;
  /**
   * A variable's values for good, without a copy where the engine has them so; the runtime must not be run or written
   * to afterwards.
   */
  detach(variable: string): RuntimeArray;
  /**
   * Writes a variable, or some of its rows.
   * @param fromRow - the first row that is written; all are if it is not given.
   * @throws RangeError if the length is not rows × cols, or the rows from `fromRow` on are not whole or too many.
   */
  write(variable: string, values: ArrayLike<number>, fromRow?: number): void;
  /** Variables of all programs. */
  readonly variables: readonly import('./tensor.ts').Variable[];
  /** Frees workers and memory. */
  dispose(): void;
}

/** float32 on the fast engines, float64 on the reference. */
export type RuntimeArray = Float32Array | Float64Array | Int32Array;

/** An output of floats. */
export type FloatArray = Float32Array | Float64Array;

/** An output [1, 1]: an array whose only value is there. */
export type ScalarArray = FloatArray & { readonly 0: number };

/**
 * Runs one step of a program by its handle: `runtime.run` with the types of the program's inputs and outputs.
 *
 * @param program - one of those that `runtime` holds.
 * @returns views that stay valid until the next step.
 * @throws as `runtime.run`.
 */
export function runProgram<Inputs extends InputsOf<Inputs>, Outputs>(
  runtime: Runtime,
  program: Program<Inputs, Outputs>,
  inputs: NoInfer<Inputs>,
): Outputs {
  return runtime.run(program.name, inputs as Readonly<Record<string, InputValue>>) as Outputs;
}

/** An object type whose every key holds an input. */
type InputsOf<Inputs> = { readonly [Name in keyof Inputs]: InputValue | undefined };

/** Something that runs programs. */
export interface Engine {
  readonly name: string;
  /** @throws RangeError if two programs disagree on a shared variable. */
  load(programs: readonly Program[]): Runtime;
}

/** No engine of that name can run here; the message says what was tried. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
}
