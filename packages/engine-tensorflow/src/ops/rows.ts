import { type DType, inputOf, type Node, outputOf } from '@gru4rec/program';
import { FLOAT, type GraphWriter, INT32, type Ref } from '../graph-writer.ts';
import {
  float,
  integer,
  type OpLowering,
  packed,
  reduce,
  reshape,
  slice,
  sliceBy,
  stacked,
} from './lowering.ts';

/** Row numbers for TensorFlow: a vector, with 0 instead of −1. */
export function rowNumbers(graph: GraphWriter, indices: Ref): Ref {
  return integer(graph, 'Maximum', [reshape(graph, indices, [-1], 'i32'), graph.integers([0], [])]);
}

/** bool [n, 1]: whether an index is a row, not −1. */
function namesRow(graph: GraphWriter, indices: Ref): Ref {
  const column = reshape(graph, indices, [-1, 1], 'i32');
  return integer(graph, 'GreaterEqual', [column, graph.integers([0], [])]);
}

export function withoutMissing(graph: GraphWriter, rows: Ref, indices: Ref, dtype: DType = 'f32'): Ref {
  const [select, zero] = dtype === 'f32' ? [float, graph.floats([0])] : [integer, graph.integers([0], [])];
  return select(graph, 'SelectV2', [namesRow(graph, indices), rows, zero]);
}

export function rowsAt(graph: GraphWriter, table: Ref, numbers: Ref, dtype: DType = 'f32'): Ref {
  const attributes = { Tparams: dtype === 'f32' ? FLOAT : INT32, Tindices: INT32, Taxis: INT32 };
  return graph.add('GatherV2', [table, numbers, graph.integers([0], [])], { attributes });
}

export interface DistinctRows {
  /** int32 [u]: the distinct indices, in order of first appearance, without −1. */
  readonly indices: Ref;
  /** int32 [n]: the position in `indices` of each given index; −1 for −1. */
  readonly places: Ref;
  /** int32 []: u. */
  readonly count: Ref;
}

/** −1 is prepended: the first distinct index, so positions are one too high. Integers stay on the host, like most int ops. */
export function distinctRows(graph: GraphWriter, indices: readonly Ref[]): DistinctRows {
  const padded = stacked(graph, [graph.integers([-1]), ...indices], 'i32');
  const attributes = { T: INT32, out_idx: INT32 };
  const distinct = graph.add('Unique', [padded], { attributes, onHost: true });
  const one = graph.integers([1], []);
  const places = integer(graph, 'Sub', [part(graph, `${distinct}:1`, 1, -1), one]);
  const size = graph.add('Size', [distinct], { attributes: { T: INT32, out_type: INT32 } });
  const count = integer(graph, 'Sub', [size, one]);
  return { indices: part(graph, distinct, 1, -1), places, count };
}

/** A slice of a vector; a length of −1 reaches to the end. */
function part(graph: GraphWriter, vector: Ref, from: number, length: number): Ref {
  return slice(graph, vector, { from: [from], size: [length] }, 'i32');
}

/** [count, cols] whose row i is the sum of the rows with position i; negative positions are skipped. */
function sumByPlace(graph: GraphWriter, rows: Ref, places: Ref, count: Ref): Ref {
  const attributes = { T: FLOAT, Tindices: INT32, Tnumsegments: INT32 };
  return graph.add('UnsortedSegmentSum', [rows, places, count], { attributes });
}

export interface RowsPart {
  readonly rows: Ref;
  readonly length: number;
}

/**
 * As `sumByPlace` over several parts, added to the first one's sums in place: concatenating would copy it (0.17 of 2.2 ms of a
 * step). Rows without a position are added to one more row, which is cut off.
 */
export function sumParts(
  graph: GraphWriter,
  parts: readonly RowsPart[],
  cols: number,
  { places, count }: DistinctRows,
): Ref {
  const [first, ...others] = parts;
  if (first === undefined || others.length === 0) return sumByPlace(graph, first?.rows ?? '', places, count);
  const withSpare = integer(graph, 'AddV2', [count, graph.integers([1], [])]);
  let sums = sumByPlace(graph, first.rows, part(graph, places, 0, first.length), withSpare);
  let from = first.length;
  for (const { rows, length } of others) {
    const targets = integer(graph, 'FloorMod', [part(graph, places, from, length), withSpare]);
    const column = reshape(graph, targets, [length, 1], 'i32');
    const attributes = { T: FLOAT, Tindices: INT32 };
    sums = graph.add('TensorScatterAdd', [sums, column, rows], { attributes });
    from += length;
  }
  const size = packed(graph, [count, graph.integers([cols], [])]);
  return sliceBy(graph, sums, graph.integers([0, 0]), size);
}

/** [n·k, cols] of rows [n, cols], each of them k times. */
export function eachRepeated(graph: GraphWriter, rows: Ref, n: number, k: number): Ref {
  if (k === 1) return rows;
  const numbers = Array.from({ length: n * k }, (_, at) => Math.floor(at / k));
  return rowsAt(graph, rows, graph.integers(numbers, [n * k]));
}

function repeatedInput(graph: GraphWriter, node: Node, rows: Ref): Ref {
  const { rows: n } = inputOf(node, 0);
  return eachRepeated(graph, rows, n, inputOf(node, 1).rows / n);
}

/** Gathers from a computed value; `lowering.ts` gathers from variables in place. */
export const gather: OpLowering = (graph, { inputs: [table] }, [ref = '', indices = '']) => {
  const dtype = table?.dtype ?? 'f32';
  return withoutMissing(graph, rowsAt(graph, ref, rowNumbers(graph, indices), dtype), indices, dtype);
};

export const scatterRows: OpLowering = (graph, node, [rows = '', indices = '']) =>
  sumByPlace(
    graph,
    repeatedInput(graph, node, rows),
    reshape(graph, indices, [-1], 'i32'),
    graph.integers([Number(node.attributes.rows)], []),
  );

export const addRows: OpLowering = (graph, node, [x = '', table = '', indices = '']) => {
  const { rows: n, cols } = outputOf(node);
  const gathered = withoutMissing(graph, rowsAt(graph, table, rowNumbers(graph, indices)), indices);
  const sums = reduce(graph, 'Sum', reshape(graph, gathered, [n, inputOf(node, 2).rows / n, cols]), 1);
  return float(graph, 'AddV2', [x, reshape(graph, sums, [n, cols])]);
};

export const mergeRows: OpLowering = (graph, node, [rows = '', indices = '']) =>
  sumByPlace(
    graph,
    repeatedInput(graph, node, rows),
    distinctRows(graph, [reshape(graph, indices, [-1], 'i32')]).places,
    graph.integers([outputOf(node).rows], []),
  );
