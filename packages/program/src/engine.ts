import type { Program, Variable } from './program.ts';

/** Values of an input: rows × cols in a typed array, row-major and dense, or a number for [1, 1]. */
export type InputValue = Int32Array | Float32Array | number;

/**
 * Programs compiled together, and the variables they share. Variables start at zero.
 * All arrays are dense and row-major, whatever the engine's own layout.
 */
export interface Runtime {
  /**
   * Runs one step of a program.
   * @returns outputs by name, as views that are valid until the next `run`.
   * @throws RangeError if a program or an input is unknown, missing or of the wrong length.
   */
  run(program: string, inputs: Readonly<Record<string, InputValue>>): Readonly<Record<string, RuntimeArray>>;
  /** A fresh copy of a variable. */
  read(variable: string): RuntimeArray;
  /**
   * The final values of a variable, without a copy if the engine stores them densely; the runtime must not be run or
   * written to afterwards.
   */
  detach(variable: string): RuntimeArray;
  /**
   * Writes a variable, or its rows from `fromRow` on.
   * @throws RangeError if the length is not rows × cols, or with `fromRow`, not whole rows within the variable.
   */
  write(variable: string, values: ArrayLike<number>, fromRow?: number): void;
  /** Variables of all programs. */
  readonly variables: readonly Variable[];
  /** Ends worker threads and releases memory. */
  dispose(): void;
}

/** A runtime that can read parts of large tables for the best rows. */
export interface GroupingRuntime extends Runtime {
  /**
   * Groups the rows of large tables whose scores are similar. Rows of equal scores then come in any order out of `top-indices`.
   *
   * @param hidden - [m, units], m ≥ 1, hidden states such as programs will score the table with.
   * @returns whether a table is large enough.
   */
  group(hidden: Float32Array): boolean;
  /**
   * Lets `top-indices` read about this share of a grouped table from now on: the groups whose mean row has the best scores.
   * Lists of more than 100 rows stay exact.
   *
   * @param share - above 0, at most 1. 1, as at first, reads all rows, so that lists are exact.
   */
  probe(share: number): void;
}

/** The runtime, if it can group rows. */
export function groupingOf(runtime: Runtime): GroupingRuntime | undefined {
  return 'group' in runtime ? (runtime as GroupingRuntime) : undefined;
}

/** float32 on the fast engines, float64 on the reference. */
export type RuntimeArray = Float32Array | Float64Array | Int32Array;

/** An output of floats. */
export type FloatArray = Float32Array | Float64Array;

/** An output [1, 1]: an array whose only element is typed as present. */
export type ScalarArray = FloatArray & { readonly 0: number };

/**
 * Runs one step of a program that `runtime` was loaded with: `runtime.run` with the types of its inputs and outputs.
 */
export function runProgram<Inputs extends InputsOf<Inputs>, Outputs>(
  runtime: Runtime,
  program: Program<Inputs, Outputs>,
  inputs: NoInfer<Inputs>,
): Outputs {
  return runtime.run(program.name, inputs as Readonly<Record<string, InputValue>>) as Outputs;
}

/** An object type with an input under every key. */
type InputsOf<Inputs> = { readonly [Name in keyof Inputs]: InputValue | undefined };

/** Compiles programs and runs them. */
export interface Engine {
  readonly name: string;
  /** @throws RangeError if two programs disagree on a shared variable. */
  load(programs: readonly Program[]): Runtime;
}

/** An engine cannot run on this machine. The message says what was tried. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
}
