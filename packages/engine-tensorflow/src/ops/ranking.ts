import { inputOf, type Node } from '@gru4rec/program';
import { BOOL, FLOAT, type GraphWriter, INT32, INT64, type Ref } from '../graph-writer.ts';
import {
  bestOfRows,
  float,
  integer,
  type OpLowering,
  reduce,
  reshape,
  stacked,
  toFloats,
  transposed,
} from './lowering.ts';
import { rowNumbers, rowsAt } from './rows.ts';

/** Per column, the number of rows that compare to the column's own value as `order` says. */
function countRows(graph: GraphWriter, order: string, x: Ref, target: Ref): Ref {
  return reduce(graph, 'Sum', toFloats(graph, float(graph, order, [x, target])), 0);
}

/** A column has a NaN if the values that are below its own and those that are not do not add up to all rows. */
export const rankCounts: OpLowering = (graph, node, [ref = '', indices = '']) => {
  const { rows, cols } = inputOf(node);
  const targets = ownValues(graph, ref, indices, cols);
  const greater = countRows(graph, 'Greater', ref, targets);
  const least = countRows(graph, 'GreaterEqual', ref, targets);
  const below = countRows(graph, 'Less', ref, targets);
  const equal = float(graph, 'Sub', [least, greater]);
  const compared = float(graph, 'AddV2', [least, below]);
  const complete = float(graph, 'GreaterEqual', [compared, graph.floats([rows])]);
  const better = float(graph, 'SelectV2', [complete, greater, graph.floats([Number.NaN], [1, cols])]);
  const same = float(graph, 'SelectV2', [complete, equal, firstNan(graph, ref, cols)]);
  const isAsked = namesColumn(graph, indices, cols);
  const none = graph.floats([0], [1, cols]);
  const rowsOfCounts = [better, same].map((counts) => float(graph, 'SelectV2', [isAsked, counts, none]));
  return stacked(graph, rowsOfCounts, 'f32');
};

/** x[indices[c], c] as [1, cols]. */
function ownValues(graph: GraphWriter, x: Ref, indices: Ref, cols: number): Ref {
  const starts = integer(graph, 'Mul', [rowNumbers(graph, indices), graph.integers([cols], [])]);
  const columns = graph.integers(Array.from({ length: cols }, (_, c) => c));
  const places = integer(graph, 'AddV2', [starts, columns]);
  return reshape(graph, rowsAt(graph, reshape(graph, x, [-1]), places), [1, cols]);
}

function firstNan(graph: GraphWriter, x: Ref, cols: number): Ref {
  const nan = toFloats(graph, float(graph, 'IsNan', [x]));
  const attributes = { T: FLOAT, Tidx: INT32, output_type: INT64 };
  const row = graph.add('ArgMax', [nan, graph.integers([0], [])], { attributes });
  const cast = { SrcT: INT64, DstT: FLOAT };
  return reshape(graph, graph.add('Cast', [row], { attributes: cast }), [1, cols]);
}

export const topIndices: OpLowering = (graph, node, [ref = '', indices]) => {
  const list = listBest(graph, node, ref);
  if (indices === undefined) return list;
  const isAsked = namesColumn(graph, indices, inputOf(node).cols);
  return integer(graph, 'SelectV2', [isAsked, list, graph.integers([-1], [])]);
};

export const topAllowed: OpLowering = (graph, node, [ref = '', words = '']) => {
  const { rows } = inputOf(node);
  const numbers = Array.from({ length: rows }, (_, row) => row);
  const places = graph.integers(numbers.map((row) => row >> 5));
  // Moves the bit of a row to the sign.
  const factors = graph.integers(numbers.map((row) => 1 << (31 - (row & 31))));
  const own = rowsAt(graph, reshape(graph, words, [-1], 'i32'), places, 'i32');
  const isAllowed = integer(graph, 'Less', [integer(graph, 'Mul', [own, factors]), graph.integers([0], [])]);
  const column = graph.add('Reshape', [isAllowed, graph.integers([rows, 1])], {
    attributes: { T: BOOL, Tshape: INT32 },
  });
  const least = graph.floats([Number.NEGATIVE_INFINITY]);
  return listBest(graph, node, float(graph, 'SelectV2', [column, ref, least]), least);
};

/** @param least - rows have to be greater, if given. */
function listBest(graph: GraphWriter, node: Node, ref: Ref, least?: Ref): Ref {
  const { rows, cols } = inputOf(node);
  const k = Number(node.attributes.k);
  const listed = Math.min(k, rows);
  // TopK works along rows.
  const values = cols === 1 ? reshape(graph, ref, [1, rows]) : transposed(graph, ref);
  const best = bestOfRows(graph, values, listed);
  const isListed = least === undefined ? undefined : float(graph, 'Greater', [best.values, least]);
  const none = graph.integers([-1], []);
  const places = isListed ? integer(graph, 'SelectV2', [isListed, best.columns, none]) : best.columns;
  const standing = cols === 1 ? reshape(graph, places, [listed, 1], 'i32') : transposed(graph, places, 'i32');
  if (listed === k) return standing;
  return stacked(graph, [standing, graph.integers([-1], [k - listed, cols])], 'i32');
}

/** bool [1, cols]: whether the index of a column is not −1. */
function namesColumn(graph: GraphWriter, indices: Ref, cols: number): Ref {
  const row = reshape(graph, indices, [1, cols], 'i32');
  return integer(graph, 'GreaterEqual', [row, graph.integers([0], [])]);
}
