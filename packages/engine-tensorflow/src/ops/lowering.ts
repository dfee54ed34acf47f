import type { Node } from '@gru4rec/program';
import { BOOL, FLOAT, type GraphWriter, INT32, type Ref } from '../graph-writer.ts';

/** Writes one op as TensorFlow ops, from the outputs that hold its inputs. Every value is a matrix [rows, cols]. */
export type OpLowering = (graph: GraphWriter, node: Node, inputs: readonly Ref[]) => Ref;

type Type = 'f32' | 'i32';

const typeOf = (type: Type) => (type === 'f32' ? FLOAT : INT32);

/** A node whose one type attribute, `T`, is float. */
export function float(graph: GraphWriter, op: string, inputs: readonly Ref[]): Ref {
  return graph.add(op, inputs, { attributes: { T: FLOAT } });
}

export function integer(graph: GraphWriter, op: string, inputs: readonly Ref[]): Ref {
  return graph.add(op, inputs, { attributes: { T: INT32 } });
}

/** 1 where the condition holds, else 0, as floats. */
export function toFloats(graph: GraphWriter, condition: Ref): Ref {
  const attributes = { SrcT: BOOL, DstT: FLOAT };
  return graph.add('Cast', [condition], { attributes });
}

export function reshape(graph: GraphWriter, x: Ref, extents: readonly number[], type: Type = 'f32'): Ref {
  return graph.add('Reshape', [x, graph.integers(extents)], { attributes: { T: typeOf(type) } });
}

/** A slice of a matrix or vector; a size of −1 reaches to the end. */
export function slice(
  graph: GraphWriter,
  x: Ref,
  part: { readonly from: readonly number[]; readonly size: readonly number[] },
  type: Type = 'f32',
): Ref {
  return sliceBy(graph, x, graph.integers(part.from), graph.integers(part.size), type);
}

/** A slice that is known only when a step runs. */
export function sliceBy(graph: GraphWriter, x: Ref, from: Ref, size: Ref, type: Type = 'f32'): Ref {
  return graph.add('Slice', [x, from, size], { attributes: { T: typeOf(type), Index: INT32 } });
}

/** int32: numbers side by side. */
export function packed(graph: GraphWriter, parts: readonly Ref[]): Ref {
  return graph.add('Pack', parts, { attributes: { N: { i: parts.length }, T: INT32, axis: { i: 0 } } });
}

export function reduce(graph: GraphWriter, op: 'Sum' | 'Max', x: Ref, axis: number): Ref {
  const attributes = { T: FLOAT, Tidx: INT32, keep_dims: { b: true } };
  return graph.add(op, [x, graph.integers([axis])], { attributes });
}

export function transposed(graph: GraphWriter, x: Ref, type: Type = 'f32'): Ref {
  const attributes = { T: typeOf(type), Tperm: INT32 };
  return graph.add('Transpose', [x, graph.integers([1, 0])], { attributes });
}

export function stacked(graph: GraphWriter, parts: readonly Ref[], type: Type): Ref {
  return joined(graph, parts, type, 0);
}

export function sideBySide(graph: GraphWriter, parts: readonly Ref[]): Ref {
  return joined(graph, parts, 'f32', 1);
}

function joined(graph: GraphWriter, parts: readonly Ref[], type: Type, axis: number): Ref {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const attributes = { N: { i: parts.length }, T: typeOf(type), Tidx: INT32 };
  return graph.add('ConcatV2', [...parts, graph.integers([axis], [])], { attributes });
}

/** The `k` greatest values of each row and their columns, best first, equal ones ascending. */
export function bestOfRows(graph: GraphWriter, x: Ref, k: number): { values: Ref; columns: Ref } {
  const values = graph.add('TopKV2', [x, graph.integers([k], [])], {
    // The types of `k` and of the columns are left out: they default to int32, and TensorFlow 2.9 has no such attributes.
    attributes: { T: FLOAT },
  });
  return { values, columns: `${values}:1` };
}
