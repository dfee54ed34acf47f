import type { Program, Tensor } from '@gru4rec/program';
import { GraphWriter, type Ref, shapeOf, typeOf } from './graph-writer.ts';
import { Lowering } from './lowering.ts';
import { DataType, type DataTypeCode, encodeSavedModel, type TensorInfoMessage } from './messages.ts';
import { bestOfRows, reshape } from './ops/lowering.ts';

/** A tensor of a program under the name by which a server asks for it. */
export interface ServedTensor {
  readonly name: string;
  readonly tensor: Tensor;
  /** Rows and columns; −1 where a call decides. */
  readonly extents: readonly [rows: number, cols: number];
}

/** A program that servers call, without anything that it keeps between calls. */
export interface ServedProgram {
  /**
   * Without regions among its nodes, assignments and updates; built for two slots at least, as one would be taken for an
   * extent that never varies. Attributes of its nodes name no extent that is free.
   */
  readonly program: Program;
  /** Floats, or indices, which become vectors. */
  readonly inputs: readonly ServedTensor[];
  readonly outputs: readonly ServedTensor[];
  /** Values of each variable that is no input, row-major; become constants. */
  readonly constants: ReadonlyMap<string, Float32Array>;
  /** In place of an output `scores` [n, I], the `k` best of each row: `top_scores` and `top_items`, int32. */
  readonly top?: number;
}

/**
 * The bytes of a `saved_model.pb` with the one signature `serving_default`, which servers of TensorFlow call. Nodes are on
 * no particular device.
 *
 * @returns fresh; about as large as the constants.
 * @throws RangeError if a constant is missing or of another length.
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

/** Writes what takes an input in: a matrix of floats, or a vector of indices. */
function feed(lowering: Lowering, { name, tensor, extents: [rows, cols] }: ServedTensor): TensorInfoMessage {
  const { graph } = lowering;
  const indices = tensor.dtype === 'i32';
  const type = indices ? DataType.int32 : DataType.float;
  const shape = shapeOf(indices ? [rows] : [rows, cols]);
  const attributes = { dtype: typeOf(type), shape: { shape } };
  const ref = graph.scope(name, () => graph.add('Placeholder', [], { attributes }));
  lowering.define(tensor, indices ? reshape(graph, ref, [-1, 1], 'i32') : ref);
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
