import {
  capGradients,
  type Gradient,
  type Optimizer,
  type Program,
  ProgramBuilder,
  type RowGradient,
  type Tensor,
  tensorAt,
} from '@gru4rec/program';
import type { RandomStream } from '@gru4rec/random';
import { allOptimizers, scalarsOf } from './optimizers.ts';

/** A value and a bound of its elements, which keeps programs in a range where float32 and float64 agree. */
export interface Bounded {
  readonly tensor: Tensor;
  /** Bound of the magnitude of its elements. */
  readonly bound: number;
  /** Whether it is an input or variable, so that rounding cannot change the sign of an element. */
  readonly source?: boolean;
}

// The wasm engine pads rows of 128 and 160 floats.
const EXTENTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 21, 130, 128, 160];
/** Rows per column of a history. */
const HISTORY_LENGTHS = [1, 2, 3, 5];
const LARGEST_BOUND = 200;
const LARGEST_VALUES = 20_000;
const everyOptimizer = Object.values(allOptimizers(0.01));
const adagrads = everyOptimizer.filter(({ name }) => name === 'adagrad');
/** Adagrad, which has its own kernels, occurs more often. */
const optimizers: readonly Optimizer[] = [...everyOptimizer, ...adagrads, ...adagrads];

/**
 * Writes one random program: variables and inputs, ops on them, assignments, updates and outputs. Extents are drawn
 * from a few, so that shapes often fit.
 */
export class ProgramWriter {
  readonly b: ProgramBuilder;
  readonly random: RandomStream;
  /** Values that ops can use as operands. */
  readonly pool: Bounded[] = [];
  readonly extents: readonly number[];
  /** Lists of indices, each with the names of the inputs it is made of. */
  readonly lists: { tensor: Tensor; inputs: readonly string[] }[] = [];
  /** Exclusive limit of each index input: the number of rows of the smallest table it is used with. */
  readonly limits: Map<string, number> = new Map();
  readonly #tables: Tensor[] = [];
  readonly #variables: { name: string; tensor: Tensor; kind: string }[] = [];
  #histories = 0;
  readonly #differentiable: boolean;
  readonly #philox: Tensor;

  constructor(name: string, random: RandomStream) {
    this.b = new ProgramBuilder(name);
    this.random = random;
    this.extents = Array.from({ length: 3 }, () => this.pick(EXTENTS));
    this.#differentiable = this.chance(0.5);
    this.#philox = this.b.input('philox', { dtype: 'i32', rows: 4, cols: 1 });
    for (let i = 0; i < 3; i++) this.#declare(`parameter${i}`, 'parameter');
    for (let i = 0; i < 2; i++) this.#declare(`table${i}`, 'table');
    for (let i = 0; i < 2; i++) this.#declare(`state${i}`, 'state');
    for (let i = 0; i < 2; i++) {
      const shape = { dtype: 'f32', rows: this.extent(), cols: this.extent() } as const;
      this.pool.push({ tensor: this.b.input(`x${i}`, shape), bound: 1, source: true });
      const tensor = this.b.input(`list${i}`, { dtype: 'i32', rows: this.extent(), cols: 1 });
      this.lists.push({ tensor, inputs: [`list${i}`] });
      this.limits.set(`list${i}`, Number.POSITIVE_INFINITY);
    }
  }

  chance(p: number): boolean {
    return this.random.nextFloat() < p;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.random.nextBelow(from.length)] as T;
  }

  extent(): number {
    return this.chance(0.15) ? 1 : this.pick(this.extents);
  }

  /**
   * A random value of the pool, which is never empty, preferably one of the last four.
   * @returns undefined if none fits.
   */
  value(): Bounded;
  value(fits: (t: Tensor) => boolean): Bounded | undefined;
  value(fits: (t: Tensor) => boolean = () => true): Bounded | undefined {
    const fitting = this.pool.filter(({ tensor }) => fits(tensor));
    if (fitting.length === 0) return undefined;
    return this.chance(0.5) ? this.pick(fitting.slice(-4)) : this.pick(fitting);
  }

  #declare(name: string, kind: 'parameter' | 'table' | 'state'): void {
    const rows = kind === 'table' ? 1 + this.random.nextBelow(40) : this.extent();
    const tensor = this.b.variable(name, kind, rows, this.extent());
    this.#variables.push({ name, tensor, kind });
    if (kind === 'table') this.#tables.push(tensor);
    if (kind !== 'table' || !this.#differentiable || this.chance(0.2))
      this.pool.push({ tensor, bound: 2, source: true });
  }

  /** Adds a new value to the pool unless it is undefined or too large. */
  append(made: Bounded | undefined): void {
    if (made && made.bound <= LARGEST_BOUND && made.tensor.rows * made.tensor.cols <= LARGEST_VALUES) {
      this.pool.push(made);
    }
  }

  lookUp(table: Tensor, list: { tensor: Tensor; inputs: readonly string[] }): Tensor {
    this.#limit(list.inputs, table.rows);
    return this.b.gather(table, list.tensor);
  }

  #limit(inputs: readonly string[], rows: number): void {
    for (const name of inputs) this.limits.set(name, Math.min(rows, this.limits.get(name) ?? rows));
  }

  gathered(): Bounded {
    const computed = this.chance(0.3) && this.value();
    const table = computed ? this.b.stopGradient(computed.tensor) : this.pick(this.#tables);
    return { tensor: this.lookUp(table, this.pick(this.lists)), bound: computed ? computed.bound : 2 };
  }

  /** The rows of a value of the pool summed by index, for a list of as many indices; undefined if none fits. */
  summedRows(): Bounded | undefined {
    const list = this.pick(this.lists);
    const rows = this.value((t) => t.rows === list.tensor.rows);
    if (!rows) return undefined;
    const bound = Math.min(rows.tensor.rows, 10) * rows.bound;
    if (this.chance(0.4)) {
      return { tensor: this.b.mergeRows(this.b.stopGradient(rows.tensor), list.tensor), bound };
    }
    const count = this.extent();
    this.#limit(list.inputs, count);
    return { tensor: this.b.scatterRows(rows.tensor, list.tensor, count), bound };
  }

  /** A value plus rows of a table, or of another value without a gradient; undefined if none has its width. */
  addedRows(): Bounded | undefined {
    const x = this.value();
    const tables = this.#tables.filter((table) => table.cols === x.tensor.cols);
    const computed =
      tables.length === 0 || this.chance(0.3) ? this.value((t) => t.cols === x.tensor.cols) : undefined;
    const table = computed ? this.b.stopGradient(computed.tensor) : this.pick(tables);
    const indices = this.#indices(x.tensor.rows * this.pick(HISTORY_LENGTHS), 1, table.rows);
    const bound = x.bound + (indices.rows / x.tensor.rows) * (computed?.bound ?? 2);
    return { tensor: this.b.addRows(x.tensor, table, indices), bound };
  }

  /** A new input of indices below `limit`. */
  #indices(rows: number, cols: number, limit: number): Tensor {
    const name = `history${this.#histories++}`;
    this.limits.set(name, limit);
    return this.b.input(name, { dtype: 'i32', rows, cols });
  }

  /** A value that is adjusted in rows that an input names, without a gradient; undefined if no values fit the input. */
  adjusted(): Bounded | undefined {
    const x = this.value();
    const { rows: n, cols } = x.tensor;
    const rows = this.#indices(cols, this.pick(HISTORY_LENGTHS), n);
    const fitting = () => this.value((t) => t.cols === rows.cols && t.rows === cols);
    const [scale, added] = [fitting(), fitting()];
    if (!scale || !added) return undefined;
    const tensor = this.b.adjust(
      this.b.stopGradient(x.tensor),
      rows,
      this.b.stopGradient(this.b.tanh(scale.tensor)),
      this.b.stopGradient(added.tensor),
    );
    return { tensor, bound: x.bound + added.bound };
  }

  mask(): Bounded {
    const shape = { rows: this.extent(), cols: this.extent() };
    return { tensor: this.b.dropoutMask(this.#philox, shape, 0.3, this.random.nextBelow(3)), bound: 2 };
  }

  /** Adds assignments, updates and outputs, and builds the program. */
  finish(): Program {
    const { b } = this;
    for (const { name, tensor, kind } of this.#variables) {
      if (kind !== 'state' || this.chance(0.3)) continue;
      const value = this.value((t) => t.rows === tensor.rows && t.cols === tensor.cols);
      if (value) b.assign(name, value.bound > 2 ? b.tanh(value.tensor) : value.tensor);
    }
    if (this.#differentiable) this.#train();
    else
      for (const { name, tensor, kind } of this.#variables) if (kind !== 'state') this.#update(name, tensor);
    for (let i = 0; i < 3; i++) b.output(`out${i}`, this.value().tensor);
    b.output('last', this.#latest());
    return b.build();
  }

  #latest(): Tensor {
    return tensorAt(
      this.pool.map(({ tensor }) => tensor),
      this.pool.length - 1,
    );
  }

  #train(): void {
    const { b } = this;
    const total = (x: Tensor): Tensor => b.sum(b.sum(b.tanh(x), 0), 1);
    let loss = total(this.#latest());
    for (let i = 0; i < 3; i++) loss = b.add(loss, total(this.value().tensor));
    if (this.chance(0.7)) b.output('loss', loss);
    const gradients = b.gradients(loss);
    const caps = this.chance(0.3) && ![...gradients.values()].some(hasMixedParts);
    const capped = caps ? capGradients(b, gradients, this.pick([0.1, 1, 10])) : gradients;
    for (const [name, gradient] of capped) {
      const optimizer = this.pick(optimizers);
      b.update(name, gradient, optimizer, scalarsOf(b, optimizer, 0.01));
    }
  }

  #update(name: string, { rows, cols }: Tensor): void {
    const { b } = this;
    const optimizer = this.pick(optimizers);
    const scalars = scalarsOf(b, optimizer, 0.01);
    if (this.chance(0.4)) {
      const dense = this.value((t) => t.rows === rows && t.cols === cols);
      if (dense) b.update(name, { kind: 'dense', tensor: dense.tensor }, optimizer, scalars);
      return;
    }
    const parts: RowGradient[] = [];
    for (let i = 0; i < 3; i++) {
      const list = this.pick(this.lists);
      const part = this.chance(0.6)
        ? this.#product(list.tensor.rows, cols)
        : this.value((t) => t.rows === list.tensor.rows && t.cols === cols)?.tensor;
      if (!part) continue;
      this.#limit(list.inputs, rows);
      parts.push({ indices: list.tensor, rows: part });
    }
    if (parts.length > 0) b.update(name, { kind: 'rows', parts }, optimizer, scalars);
  }

  /** A product [rows, cols] of two computed matrices, the first of which other ops may also use. */
  #product(rows: number, cols: number): Tensor | undefined {
    const { b } = this;
    const left = this.value((t) => t.rows === rows);
    const right = left && this.value((t) => t.rows === left.tensor.cols && t.cols === cols);
    if (!left || !right) return undefined;
    const a = b.affine(left.tensor, 0.5, 0.1);
    if (this.chance(0.3)) this.pool.push({ tensor: a, bound: left.bound });
    return b.matmul(this.chance(0.2) ? left.tensor : a, b.affine(right.tensor, 0.5, -0.1));
  }
}

/** Whether parts of a row gradient differ in their indices per row, which `capGradients` refuses. */
function hasMixedParts(gradient: Gradient): boolean {
  if (gradient.kind === 'dense') return false;
  return new Set(gradient.parts.map(({ indices, rows }) => indices.rows / rows.rows)).size > 1;
}
