import { differentiate } from './differentiate.ts';
import type { InputValue, RuntimeArray } from './engine.ts';
import { Graph } from './graph.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import type { Program, Update, Variable, VariableKind } from './program.ts';
import { describeShape, type Gradient, type Shape, type Tensor } from './tensor.ts';

type DTypeOf<Value> = Value extends Int32Array ? 'i32' : Value extends Float32Array | number ? 'f32' : never;

/** The functions of a builder that parts of a step need: ops, variables and states. */
export type StepGraph = Graph & Pick<ProgramBuilder, 'variable' | 'assign'>;

/**
 * Builds one program: declare variables and inputs, append ops, then assignments, updates and outputs.
 *
 * `Inputs` and `Outputs` name the arrays of a step. With them, the compiler checks the names and element types that the
 * builder declares, and those of every `runProgram`.
 */
export class ProgramBuilder<
  Inputs extends object = Readonly<Record<string, InputValue>>,
  Outputs extends object = Readonly<Record<string, RuntimeArray>>,
> extends Graph {
  readonly name: string;
  readonly #variables = new Map<string, { variable: Variable; tensor: Tensor }>();
  readonly #inputs: Record<string, Tensor> = {};
  readonly #outputs: Record<string, Tensor> = {};
  readonly #assignments: { variable: string; value: Tensor }[] = [];
  readonly #updates: Update[] = [];

  constructor(name: string) {
    super();
    this.name = name;
  }

  /**
   * Value of a variable at the start of the step; declared at its first use.
   * @throws RangeError if it is declared with another kind or shape.
   */
  variable(name: string, kind: VariableKind, rows: number, cols: number): Tensor {
    const known = this.#variables.get(name);
    if (known) {
      const { variable } = known;
      if (variable.kind !== kind || variable.rows !== rows || variable.cols !== cols) {
        const first = `${variable.kind} [${variable.rows}, ${variable.cols}]`;
        throw new RangeError(
          `variable: "${name}" expected ${first} as declared, got ${kind} [${rows}, ${cols}]`,
        );
      }
      return known.tensor;
    }
    const tensor = this.source({ dtype: 'f32', rows, cols });
    this.#variables.set(name, { variable: { name, kind, rows, cols }, tensor });
    return tensor;
  }

  /** An array that the caller passes at every step. */
  input<Name extends keyof Inputs & string>(
    name: Name,
    shape: Shape & { readonly dtype: DTypeOf<Inputs[Name]> },
  ): Tensor {
    return this.#input(name, shape);
  }

  /** A number that the caller passes at every step, [1, 1]; its name need not be one of `Inputs`. */
  scalarInput(name: string): Tensor {
    return this.#input(name, { dtype: 'f32', rows: 1, cols: 1 });
  }

  #input(name: string, shape: Shape): Tensor {
    const tensor = this.source(shape);
    this.#inputs[name] = tensor;
    return tensor;
  }

  /** Returns a value from every step, under `name`. */
  output(name: keyof Outputs & string, value: Tensor): void {
    this.#outputs[name] = value;
  }

  /**
   * Gives a `state` variable its value for the next step.
   * @throws RangeError if the value has another shape, or the variable is changed already.
   */
  assign(name: string, value: Tensor): void {
    const { rows, cols } = this.#toChange('assign', name);
    if (value.rows !== rows || value.cols !== cols) {
      throw new RangeError(`assign: "${name}" expected f32 [${rows}, ${cols}], got ${describeShape(value)}`);
    }
    this.#assignments.push({ variable: name, value });
  }

  /**
   * Gradients of a scalar with respect to every `parameter` and `table` it depends on, by variable name.
   * @throws RangeError if `loss` is not [1, 1], or if an op that it depends on has no gradient.
   */
  gradients(loss: Tensor): Map<string, Gradient> {
    if (loss.rows !== 1 || loss.cols !== 1) {
      throw new RangeError(
        `gradients: "loss" expected f32 [1, 1], got ${describeShape(loss)}. Sum it first.`,
      );
    }
    const trained = [...this.#variables.values()].filter(
      ({ variable }) => variable.kind === 'parameter' || variable.kind === 'table',
    );
    const wanted = trained.map(({ tensor }) => tensor);
    const found = differentiate(this, this.nodes, [[loss, this.constant(1)]], wanted);
    const result = new Map<string, Gradient>();
    for (const { variable, tensor } of trained) {
      const gradient = found.get(tensor.id);
      if (gradient) result.set(variable.name, gradient);
    }
    return result;
  }

  /**
   * Updates a variable with an optimiser, and declares the optimiser's slots as `<variable>.<slot>`.
   * @param scalars - [1, 1] each, in the order of `optimizer.scalars`.
   * @throws RangeError if the variable is not declared or is changed already, or the number of scalars is wrong.
   */
  update(name: string, gradient: Gradient, optimizer: Optimizer, scalars: readonly Tensor[]): void {
    const { rows, cols } = this.#toChange('update', name);
    if (scalars.length !== optimizer.scalars.length) {
      const expected = optimizer.scalars.join(', ');
      throw new RangeError(
        `update: "scalars" of ${optimizer.name} expected ${expected}, got ${scalars.length} tensors`,
      );
    }
    const slots = optimizer.slots.map((slot) => `${name}.${slot}`);
    for (const slot of slots) this.variable(slot, 'slot', rows, cols);
    const touched =
      gradient.kind === 'dense' ? rows : gradient.parts.reduce((sum, part) => sum + part.indices.rows, 0);
    const region = optimizer.compose(this.ids, { dtype: 'f32', rows: touched, cols });
    this.#updates.push({ variable: name, slots, gradient, scalars, optimizer: region });
  }

  #toChange(caller: string, name: string): Variable {
    const entry = this.#variables.get(name);
    if (!entry) throw new RangeError(`${caller}: "name" expected a declared variable, got ${name}`);
    const changed = [...this.#assignments, ...this.#updates].some(({ variable }) => variable === name);
    if (changed)
      throw new RangeError(`${caller}: "${name}" is changed twice. Give it one assignment or update.`);
    return entry.variable;
  }

  /** The program so far; shares its arrays with the builder. */
  build(): Program<Inputs, Outputs> {
    return {
      name: this.name,
      variables: [...this.#variables.values()],
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.nodes,
      assignments: this.#assignments,
      updates: this.#updates,
    };
  }
}
