import protobuf from 'protobufjs';

/** A node has the name of its output. */
export class OnnxGraph {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  readonly #taken = new Set<string>();

  /** `wanted`, or if it is taken, with `_2`, `_3`, … appended. */
  reserve(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** The outputs must have reserved names. */
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

  /** `make` is called once. */
  shared(wanted: string, make: () => void): string {
    if (!this.#taken.has(wanted)) {
      this.#taken.add(wanted);
      make();
    }
    return wanted;
  }

  /** The bytes are read when the model is encoded. */
  matrix(name: string, rows: number, cols: number, values: Float32Array): string {
    return this.#initialize(this.reserve(name), 'float', [rows, cols], values);
  }

  /** Equal values share one scalar. */
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

/** The element types of `onnx.TensorProto.DataType` that exports use. */
export const DataType = { float: 1, int64: 7 } as const;

export type DataTypeName = keyof typeof DataType;

export type OnnxAttribute = { readonly int: number } | { readonly float: number } | { readonly text: string };

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly type: DataTypeName;
  /** Empty for a scalar. */
  readonly dims: readonly number[];
  /** Row-major, little-endian. */
  readonly bytes: Uint8Array;
}

/** An input or output. A named extent may have any size. */
export interface OnnxValue {
  readonly name: string;
  readonly type: DataTypeName;
  readonly dims: readonly (number | string)[];
  /** For people who inspect the file. */
  readonly description: string;
}

export interface OnnxModel {
  readonly description: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The part of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto that a model needs, with field numbers. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Model {
    int64 ir_version = 1; string producer_name = 2; string doc_string = 6; Graph graph = 7;
    repeated OperatorSet opset_import = 8; repeated Property metadata_props = 14;
  }
  message OperatorSet { string domain = 1; int64 version = 2; }
  message Property { string key = 1; string value = 2; }
  message Graph {
    repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
    repeated ValueInfo input = 11; repeated ValueInfo output = 12;
  }
  message Node {
    repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
    repeated Attribute attribute = 5;
  }
  message Attribute { string name = 1; float f = 2; int64 i = 3; bytes s = 4; int32 type = 20; }
  message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message ValueInfo { string name = 1; Type type = 2; string doc_string = 3; }
  message Type { TensorType tensor_type = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Shape { repeated Dimension dim = 1; }
  message Dimension { int64 dim_value = 1; string dim_param = 2; }`,
  { keepCase: true },
);
const AttributeType = { float: 1, int: 2, string: 3 } as const;
/** Versions of ONNX 1.12 (2022), which current servers all support. */
const OPSET = 17;
const IR_VERSION = 8;

/** @returns fresh bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const Model = root.lookupType('Model');
  const message = {
    ir_version: IR_VERSION,
    producer_name: 'gru4rec',
    doc_string: model.description,
    opset_import: [{ domain: '', version: OPSET }],
    metadata_props: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'gru4rec',
      node: model.nodes.map(nodeMessage),
      initializer: model.initializers.map(tensorMessage),
      input: model.inputs.map(valueMessage),
      output: model.outputs.map(valueMessage),
    },
  };
  return Model.encode(message).finish();
}

function nodeMessage({ name, opType, inputs, outputs, attributes }: OnnxNode): object {
  const attribute = Object.entries(attributes).map(([key, value]) => {
    if ('int' in value) return { name: key, type: AttributeType.int, i: value.int };
    if ('float' in value) return { name: key, type: AttributeType.float, f: value.float };
    return { name: key, type: AttributeType.string, s: new TextEncoder().encode(value.text) };
  });
  return { name, op_type: opType, input: inputs, output: outputs, attribute };
}

function tensorMessage({ name, type, dims, bytes }: OnnxInitializer): object {
  return { name, dims, data_type: DataType[type], raw_data: bytes };
}

function valueMessage({ name, type, dims, description }: OnnxValue): object {
  const dim = dims.map((d) => (typeof d === 'string' ? { dim_param: d } : { dim_value: d }));
  return {
    name,
    doc_string: description,
    type: { tensor_type: { elem_type: DataType[type], shape: { dim } } },
  };
}
