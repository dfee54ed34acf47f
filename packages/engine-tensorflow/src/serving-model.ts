import type { Program, Tensor } from '@gru4rec/program';
import { GraphWriter, type Ref, shapeOf, typeOf } from './graph-writer.ts';
import { Lowering } from './lowering.ts';
import { DataType, type DataTypeCode, encodeSavedModel, type TensorInfoMessage } from './messages.ts';
import { bestOfRows, reshape } from './ops/lowering.ts';

/** A tensor of a program and its name in the signature. */
export interface ServedTensor {
  readonly name: string;
  readonly tensor: Tensor;
  /** Whether the signature has it as a matrix; otherwise it is a vector, as indices of one column can be. */
  readonly asMatrix: boolean;
  /** Rows and columns; −1 where the caller decides. */
  readonly extents: readonly [rows: number, cols: number];
}

/** A stateless program for servers. */
export interface ServedProgram {
  /**
   * It has no regions among its nodes, no assignments and no updates. It is built for at least two slots, because an
   * extent of 1 would be taken for a constant. No attribute of a node is a free extent.
   */
  readonly program: Program;
  readonly inputs: readonly ServedTensor[];
  readonly outputs: readonly ServedTensor[];
  /** Values of each variable that is not an input, row-major. They become constants of the graph. */
  readonly constants: ReadonlyMap<string, Float32Array>;
  /** If given, k: the output `scores` [n, I] is replaced by the k best per row, `top_scores` and `top_items` (int32). */
  readonly top?: number;
}

/**
 * Encodes a `saved_model.pb` with the signature `serving_default`, which TensorFlow's servers call. Its nodes are not bound
 * to a device.
 *
 * @returns fresh bytes, about as many as the constants have.
 * @throws RangeError if a constant is missing or has the wrong length.
 */
export function encodeServingModel(served: ServedProgram): Uint8Array {
  const { program, inputs, outputs, constants, top } = served;
  const graph = new GraphWriter('');
  const lowering = new Lowering({ ...program, variables: [] }, { graph, variables: new Map(), after: [] });
  const given = Object.fromEntries(inputs.map((input) => [input.name, feed(lowering, input)]));
  for (const { variable, tensor } of program.variables) {
    if (inputs.some((input) => input.tensor.id === tensor.id)) continue;
    const { name, rows, cols } = variable;
    const values = constants.get(name);
    if (values?.length !== rows * cols) {
      const got = values ? values.length : 'none';
      throw new RangeError(`encodeServingModel: "${name}" expected ${rows} × ${cols} values, got ${got}`);
    }
    lowering.define(tensor, graph.matrix(name, rows, cols, values));
  }
  lowering.lower(program.nodes);
  const named = outputs.flatMap(({ name, tensor, extents }) => {
    const value = { name, ref: lowering.ref(tensor), type: DataType.float, extents };
    return name === 'scores' && top !== undefined ? best(graph, value, top) : [value];
  });
  const taken = Object.fromEntries(named.map((value) => [value.name, fetch(graph, value)]));
  return encodeSavedModel({
    nodes: graph.nodes,
    signatures: {
      serving_default: { inputs: given, outputs: taken, methodName: 'tensorflow/serving/predict' },
    },
  });
}

interface NamedValue {
  readonly name: string;
  readonly ref: Ref;
  readonly type: DataTypeCode;
  readonly extents: readonly number[];
}

/** Writes the placeholder of an input. */
function feed(lowering: Lowering, { name, tensor, asMatrix, extents }: ServedTensor): TensorInfoMessage {
  const [rows, cols] = extents;
  const { graph } = lowering;
  const type = tensor.dtype === 'i32' ? DataType.int32 : DataType.float;
  const shape = shapeOf(asMatrix ? [rows, cols] : [rows]);
  const attributes = { dtype: typeOf(type), shape: { shape } };
  const ref = graph.scope(name, () => graph.add('Placeholder', [], { attributes }));
  lowering.define(tensor, asMatrix ? ref : reshape(graph, ref, [-1, 1], 'i32'));
  return { name: `${ref}:0`, dtype: type, tensorShape: shape };
}

function fetch(graph: GraphWriter, { name, ref, type, extents }: NamedValue): TensorInfoMessage {
  const attributes = { T: typeOf(type) };
  const output = graph.scope(name, () => graph.add('Identity', [ref], { attributes }));
  return { name: `${output}:0`, dtype: type, tensorShape: shapeOf(extents) };
}

function best(graph: GraphWriter, { ref, extents: [rows = -1] }: NamedValue, k: number): NamedValue[] {
  const { values, places } = bestOfRows(graph, ref, k);
  return [
    { name: 'top_scores', ref: values, type: DataType.float, extents: [rows, k] },
    { name: 'top_items', ref: places, type: DataType.int32, extents: [rows, k] },
  ];
}
