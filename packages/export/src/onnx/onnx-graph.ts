import type { DataTypeName, OnnxAttribute, OnnxInitializer, OnnxNode } from './messages.ts';

/** A growing graph. A node has the name of its output. */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly #taken = new Set<string>();

  /** Reserves a free name: `wanted`, or if it is taken, `wanted` with `_2`, `_3`, … appended. */
  reserve(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** Appends a node whose outputs have reserved names. */
  append(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): void {
    this.nodes.push({ name: outputs[0] ?? opType, opType, inputs, outputs, attributes });
  }

  /** Appends a node with one output. @returns its name: `wanted`, if that is free. */
  apply(opType: string, inputs: readonly string[], wanted: string): string {
    const name = this.reserve(wanted);
    this.append(opType, inputs, [name]);
    return name;
  }

  /** The value named `wanted`, created at the first call. */
  shared(wanted: string, make: () => void): string {
    if (!this.#taken.has(wanted)) {
      this.#taken.add(wanted);
      make();
    }
    return wanted;
  }

  /** A float32 matrix; its bytes are read when the model is encoded. */
  matrix(name: string, rows: number, cols: number, values: Float32Array): string {
    return this.#initialize(this.reserve(name), 'float', [rows, cols], values);
  }

  /** A float32 scalar. Equal values share one. */
  float(value: number): string {
    const name = `constant.${value}`;
    return this.shared(name, () => this.#initialize(name, 'float', [], Float32Array.of(value)));
  }

  /** An int64 scalar, or a vector of one element. */
  integer(name: string, value: number, dims: readonly number[] = []): string {
    return this.shared(name, () => this.#initialize(name, 'int64', dims, BigInt64Array.of(BigInt(value))));
  }

  #initialize(
    name: string,
    type: DataTypeName,
    dims: readonly number[],
    values: Float32Array | BigInt64Array,
  ): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.initializers.push({ name, type, dims, bytes });
    return name;
  }
}
