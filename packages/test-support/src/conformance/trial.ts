import { createReferenceEngine } from '@gru4rec/engine-reference';
import { type Engine, type InputValue, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose, type Tolerance } from '../closeness.ts';

/** Widths that fill vectors of four and that do not; rows of 128 lie apart in the wasm engine. */
export const widths: readonly number[] = [1, 3, 7, 10, 16, 18, 128];
export const heights: readonly number[] = [1, 2, 7, 33];

/** Every height with every width. */
export const shapes: readonly { readonly rows: number; readonly cols: number }[] = heights.flatMap((rows) =>
  widths.map((cols) => ({ rows, cols })),
);

/** One program with seeded data, to be run on an engine and on the reference. */
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
   * Float operand with uniform values in [low, high). In turn an input, a variable and the result of an op,
   * as engines may lay those out differently.
   */
  uniform(rows: number, cols: number, low = -1, high = 1): Tensor {
    return this.#operand(this.#draw(rows * cols, low, high), rows, cols);
  }

  /** A row of given values as an operand. */
  row(values: readonly number[]): Tensor {
    return this.#operand(Float32Array.from(values), 1, values.length);
  }

  /** Index input [length, 1] below `below`; where it is long enough it has a −1 and a duplicate. */
  indices(length: number, below: number): Tensor {
    const values = Int32Array.from({ length }, () => this.#random.nextBelow(below));
    if (length > 2) values[1] = -1;
    if (length > 3) values[3] = values[0] as number;
    return this.input({ dtype: 'i32', rows: length, cols: 1 }, values);
  }

  /** An input of given values. */
  input(shape: { dtype: 'f32' | 'i32'; rows: number; cols: number }, values: InputValue): Tensor {
    const name = `x${this.#operands++}`;
    this.inputs[name] = values;
    return this.builder.input(name, shape);
  }

  /** A variable that starts with uniform values. */
  variable(
    name: string,
    kind: 'parameter' | 'table' | 'state' | 'constant',
    rows: number,
    cols: number,
  ): Tensor {
    this.variables.set(name, this.#draw(rows * cols, -1, 1));
    return this.builder.variable(name, kind, rows, cols);
  }

  /** Compares this value; `label` names it in a failure. */
  check(label: string, value: Tensor, tolerance?: Tolerance): void {
    if (this.#tolerances.has(label)) throw new RangeError(`check: "label" expected a new name, got ${label}`);
    this.#tolerances.set(label, tolerance);
    this.builder.output(label, value);
  }

  /** Runs `steps` steps on both engines and compares every output of every step, then every variable. */
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
    // Half and double are exact in float32.
    const half = this.input(
      { dtype: 'f32', rows, cols },
      values.map((x) => x / 2),
    );
    return this.builder.affine(half, 2, 0);
  }
}
