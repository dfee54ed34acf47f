import protobuf from 'protobufjs';

/** Attributes of nodes that name a type, by TensorFlow's numbers. */
export const FLOAT = { type: 1 } as const;
export const INT32 = { type: 3 } as const;
export const INT64 = { type: 9 } as const;
export const BOOL = { type: 10 } as const;
export const UINT32 = { type: 22 } as const;
export const UINT64 = { type: 23 } as const;

/** Extents; −1 is unknown. */
interface ShapeMessage {
  readonly dim: readonly { readonly size: number }[];
}

/** A constant. A single value of `floatVal` or `intVal` fills the whole shape. */
interface TensorMessage {
  readonly dtype: number;
  readonly tensorShape: ShapeMessage;
  readonly floatVal?: readonly number[];
  readonly intVal?: readonly number[];
  readonly uint32Val?: readonly number[];
}

type AttributeMessage =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly s: Uint8Array }
  | { readonly type: number }
  | { readonly shape: ShapeMessage }
  | { readonly tensor: TensorMessage };

export type Attributes = Readonly<Record<string, AttributeMessage>>;

/** One op of a graph. Inputs are `name`, `name:output`, or `^name` for a control input. */
export interface NodeMessage {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly device: string;
  readonly attr: Attributes;
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

export type Ref = string;

interface NodeOptions {
  readonly attributes?: Attributes;
  readonly after?: readonly Ref[];
  /** Places it on the CPU, whatever the graph's device. */
  readonly onHost?: boolean;
}

const HOST = '/device:CPU:0';

export function shapeOf(extents: readonly number[]): ShapeMessage {
  return { dim: extents.map((size) => ({ size })) };
}

/** The field of a constant's message that holds its values. */
const lists = {
  [FLOAT.type]: 'floatVal',
  [INT32.type]: 'intVal',
  [UINT32.type]: 'uint32Val',
} as const;

export class GraphWriter {
  readonly nodes: NodeMessage[] = [];
  readonly #device: string;
  readonly #constants = new Map<string, Ref>();
  readonly #names = new Set<string>();
  #prefix = '';

  /** @param device - such as `/device:CPU:0`; if empty, TensorFlow chooses. */
  constructor(device: string) {
    this.#device = device;
  }

  scope<T>(name: string, write: () => T): T {
    const outer = this.#prefix;
    this.#prefix = `${outer}${plainName(name)}/`;
    try {
      return write();
    } finally {
      this.#prefix = outer;
    }
  }

  add(
    op: string,
    inputs: readonly Ref[],
    { attributes = {}, after = [], onHost = false }: NodeOptions = {},
  ): Ref {
    const name = this.#unused(`${this.#prefix}${op}`);
    const order = [...new Set(after.map((ref) => `^${ref.split(':')[0]}`))];
    const device = onHost && this.#device !== '' ? HOST : this.#device;
    this.nodes.push({ name, op, input: [...inputs, ...order], device, attr: attributes });
    return name;
  }

  /** All its values, or one value that fills `extents`. */
  floats(values: readonly number[], extents: readonly number[] = []): Ref {
    return this.#constant(FLOAT.type, values, extents);
  }

  integers(values: readonly number[], extents: readonly number[] = [values.length]): Ref {
    return this.#constant(INT32.type, values, extents);
  }

  unsigned(value: number): Ref {
    return this.#constant(UINT32.type, [value], []);
  }

  #constant(dtype: keyof typeof lists, values: readonly number[], extents: readonly number[]): Ref {
    const key = `${dtype} ${extents.join()} ${values.map((v) => (Object.is(v, -0) ? '-0' : v)).join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const list = { [lists[dtype]]: values };
    const [first] = values.length === 1 ? values : [];
    const name = this.#unused(plainName(`${first ?? `values_${values.length}`}`, 'constants/'));
    const attr = {
      dtype: { type: dtype },
      value: { tensor: { dtype, tensorShape: shapeOf(extents), ...list } },
    };
    this.nodes.push({ name, op: 'Const', input: [], device: this.#device, attr });
    this.#constants.set(key, name);
    return name;
  }

  #unused(name: string): string {
    let free = name;
    for (let i = 1; this.#names.has(free); i++) free = `${name}_${i}`;
    this.#names.add(free);
    return free;
  }
}

/** A name that TensorFlow allows: letters, digits and some marks, the first a letter, a digit or a dot. */
function plainName(text: string, prefix = ''): string {
  return prefix + text.replace(/[^A-Za-z0-9_.]/g, '_').replace(/^(?![A-Za-z0-9.])/, 'x');
}
