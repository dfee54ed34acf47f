import protobuf from 'protobufjs';

/** A float32 tensor, row-major. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** A model of one node with one input, `X`. */
export interface OnnxNode {
  readonly opType: string;
  /** Extents of `X`. */
  readonly input: readonly number[];
  /** Constants, in the order of the node's inputs after `X`. */
  readonly constants: Readonly<Record<string, OnnxTensor>>;
  /** Names, in the node's order. */
  readonly outputs: readonly string[];
  /** A number is an integer; lists are of floats or of strings. */
  readonly attributes: Readonly<Record<string, number | readonly number[] | readonly string[]>>;
}

/** The needed part of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, with its field numbers. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Model { int64 ir_version = 1; Graph graph = 7; repeated OperatorSet opset_import = 8; }
  message OperatorSet { string domain = 1; int64 version = 2; }
  message Graph {
    repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
    repeated ValueInfo input = 11; repeated ValueInfo output = 12;
  }
  message Node {
    repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5;
  }
  message Attribute {
    string name = 1; int64 i = 3; repeated float floats = 7; repeated string strings = 9; int32 type = 20;
  }
  message Tensor { repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; string name = 8; }
  message ValueInfo { string name = 1; Type type = 2; }
  message Type { TensorType tensor_type = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Shape { repeated Dimension dim = 1; }
  message Dimension { int64 dim_value = 1; }`,
  { keepCase: true },
);
const FLOAT = 1;
const AttributeType = { int: 2, floats: 6, strings: 8 } as const;
/** The first opset with the current form of the recurrent operators. */
const OPSET = 14;
const IR_VERSION = 8;

/** Serialises a model. */
export function encodeOnnxModel(node: OnnxNode): Uint8Array {
  const Model = root.lookupType('Model');
  const { opType, input, constants, outputs, attributes } = node;
  const initializer = Object.entries(constants).map(([name, { dims, values }]) => ({
    name,
    dims,
    data_type: FLOAT,
    float_data: Array.from(values),
  }));
  const shape = { dim: input.map((dim_value) => ({ dim_value })) };
  const graph = {
    name: opType,
    node: [
      {
        op_type: opType,
        input: ['X', ...Object.keys(constants)],
        output: outputs,
        attribute: Object.entries(attributes).map(encodeAttribute),
      },
    ],
    initializer,
    input: [{ name: 'X', type: { tensor_type: { elem_type: FLOAT, shape } } }],
    output: outputs.map((name) => ({ name, type: { tensor_type: { elem_type: FLOAT } } })),
  };
  const model = { ir_version: IR_VERSION, opset_import: [{ domain: '', version: OPSET }], graph };
  const problem = Model.verify(model);
  if (problem) throw new TypeError(`encodeOnnxModel: ${problem}`);
  return Model.encode(model).finish();
}

function encodeAttribute([name, value]: [string, number | readonly number[] | readonly string[]]) {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (typeof value[0] === 'string') return { name, type: AttributeType.strings, strings: value };
  return { name, type: AttributeType.floats, floats: value };
}
