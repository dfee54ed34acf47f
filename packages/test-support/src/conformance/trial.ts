import { type Engine, type InputValue, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose, type Tolerance } from '../closeness.ts';

/** Widths that do and do not fill vectors of four. The wasm engine pads rows of 128. */
export const widths: readonly number[] = [1, 3, 7, 10, 16, 18, 128];
export const heights: readonly number[] = [1, 2, 7, 33];

/** Every combination of height and width. */
export const shapes: readonly { readonly rows: number; readonly cols: number }[] = heights.flatMap((rows) =>
  widths.map((cols) => ({ rows, cols })),
);

/** One program with seeded data, for comparing an engine with the reference engine. */
export class Trial {
  readonly builder: ProgramBuilder;
  readonly inputs: Record<string, InputValue> = {};
  readonly variables: Map<string, Float32Array> = new Map();
  readonly #tolerances = new Map<string, Tolerance | undefined>();
  readonly #random: RandomStream;
  #operands = 0;

  constructor(name: string) {
    this.builder = new ProgramBuilder(name);
    this.#random = new RandomStream(1, `test-support.${name}`);
  }

  /**
   * A float operand with uniform values in [low, high). Successive operands are an input, a variable and the result of
   * an op, because engines may store those differently.
   */
  uniform(rows: number, cols: number, low = -1, high = 1): Tensor {
    return this.#operand(this.#draw(rows * cols, low, high), rows, cols);
  }

  /** A float operand [1, n] with the given values. */
  row(values: readonly number[]): Tensor {
    return this.#operand(Float32Array.from(values), 1, values.length);
  }

  /** An input of indices [length, 1] below `below`, with a −1 if `length` > 2 and a duplicate if `length` > 3. */
  indices(length: number, below: number): Tensor {
    const values = Int32Array.from({ length }, () => this.#random.nextBelow(below));
    if (length > 2) values[1] = -1;
    if (length > 3) values[3] = values[0] as number;
    return this.input({ dtype: 'i32', rows: length, cols: 1 }, values);
  }

  /** An input with the given values. */
  input(shape: { dtype: 'f32' | 'i32'; rows: number; cols: number }, values: InputValue): Tensor {
    const name = `x${this.#operands++}`;
    this.inputs[name] = values;
    return this.builder.input(name, shape);
  }

  /** A variable with initial values uniform in [−1, 1). */
  variable(
    name: string,
    kind: 'parameter' | 'table' | 'state' | 'constant',
    rows: number,
    cols: number,
  ): Tensor {
    this.variables.set(name, this.#draw(rows * cols, -1, 1));
    return this.builder.variable(name, kind, rows, cols);
  }

  /**
   * Adds a value to compare.
   *
   * @param label - names it in a failure; unique in the trial.
   * @param tolerance - instead of that of `compare`.
   */
  check(label: string, value: Tensor, tolerance?: Tolerance): void {
    if (this.#tolerances.has(label)) throw new RangeError(`check: "label" expected a new name, got ${label}`);
    this.#tolerances.set(label, tolerance);
    this.builder.output(label, value);
  }

  /** Runs `steps` steps on both engines. Compares every output after each step, and every variable at the end. */
  compare(engine: Engine, tolerance: Tolerance, steps = 1): Program {
    const program = this.builder.build();
    const [actual, expected] = [engine, createReferenceEngine()].map((e) => {
      const runtime = e.load([program]);
      for (const [name, values] of this.variables) runtime.write(name, values);
      return runtime;
    });
    if (!actual || !expected) throw new RangeError('compare: "engine" expected to load');
    try {
      for (let step = 0; step < steps; step++) {
        const [got, wanted] = [
          actual.run(program.name, this.inputs),
          expected.run(program.name, this.inputs),
        ];
        for (const [label, bound] of this.#tolerances) {
          expectClose(got[label] ?? [], wanted[label] ?? [], {
            ...(bound ?? tolerance),
            name: `step ${step}, ${label} `,
          });
        }
      }
      for (const { name } of expected.variables) {
        expectClose(actual.read(name), expected.read(name), { ...tolerance, name });
      }
    } finally {
      actual.dispose();
    }
    return program;
  }

  #draw(length: number, low: number, high: number): Float32Array {
    return Float32Array.from({ length }, () => low + (high - low) * this.#random.nextFloat());
  }

  #operand(values: Float32Array, rows: number, cols: number): Tensor {
    const turn = this.#operands % 3;
    if (turn === 1) {
      const name = `${this.builder.name}.v${this.#operands++}`;
      this.variables.set(name, values);
      return this.builder.variable(name, 'constant', rows, cols);
    }
    if (turn === 0) return this.input({ dtype: 'f32', rows, cols }, values);
    // Halving and doubling are exact in float32.
    const half = this.input(
      { dtype: 'f32', rows, cols },
      values.map((x) => x / 2),
    );
    return this.builder.affine(half, 2, 0);
  }
}
