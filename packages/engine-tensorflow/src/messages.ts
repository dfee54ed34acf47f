import protobuf from 'protobufjs';

export const DataType = {
  float: 1,
  int32: 3,
  int64: 9,
  bool: 10,
  resource: 20,
  uint32: 22,
  uint64: 23,
} as const;

export type DataTypeCode = (typeof DataType)[keyof typeof DataType];

/** Extents; −1 is unknown. */
export interface ShapeMessage {
  readonly dim: readonly { readonly size: number }[];
}

/** A constant. A single value of `floatVal` or `intVal` fills the whole shape. */
export interface TensorMessage {
  readonly dtype: DataTypeCode;
  readonly tensorShape: ShapeMessage;
  readonly floatVal?: readonly number[];
  readonly intVal?: readonly number[];
  readonly uint32Val?: readonly number[];
}

export type AttributeMessage =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly s: Uint8Array }
  | { readonly type: DataTypeCode }
  | { readonly shape: ShapeMessage }
  | { readonly tensor: TensorMessage };

/** One op of a graph. Inputs are `name`, `name:output`, or `^name` for a control input. */
export interface NodeMessage {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly device: string;
  readonly attr: Readonly<Record<string, AttributeMessage>>;
}

/**
 * The subset of TensorFlow's messages that is written, with field numbers
 * (https://github.com/tensorflow/tensorflow/tree/v2.15.1/tensorflow/core, Apache-2.0).
 */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraph meta_graphs = 2; }
  message MetaGraph { MetaInfo meta_info_def = 1; Graph graph_def = 2; }
  message MetaInfo { repeated string tags = 4; string tensorflow_version = 5; }
  message Graph { repeated Node node = 1; Versions versions = 4; }
  message Versions { int32 producer = 1; int32 min_consumer = 2; }
  message Node {
    string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, Attribute> attr = 5;
  }
  message Attribute {
    oneof value { bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; Shape shape = 7; Tensor tensor = 8; }
  }
  message Tensor {
    int32 dtype = 1; Shape tensor_shape = 2;
    repeated float float_val = 5; repeated int32 int_val = 7; repeated uint32 uint32_val = 16;
  }
  message Shape { repeated Dimension dim = 2; }
  message Dimension { int64 size = 1; }`,
);
const SavedModel = root.lookupType('SavedModel');

/** Graph version of TensorFlow 2.9, the oldest supported runtime. */
const GRAPH_VERSION = 1087;

export const SERVE_TAG = 'serve';

export function encodeSavedModel(nodes: readonly NodeMessage[]): Uint8Array {
  return SavedModel.encode({
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags: [SERVE_TAG] },
        graphDef: { node: nodes, versions: { producer: GRAPH_VERSION, minConsumer: 0 } },
      },
    ],
  }).finish();
}
