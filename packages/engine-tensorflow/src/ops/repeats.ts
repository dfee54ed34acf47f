import { inputOf, type Node } from '@gru4rec/program';
import { FLOAT, type GraphWriter, INT32, INT64, type Ref } from '../graph-writer.ts';
import { float, integer, type OpLowering, reshape, slice } from './lowering.ts';
import { rowsAt } from './rows.ts';

/** bool [b, k]: whether a place of the history has an item. */
function isItem(graph: GraphWriter, history: Ref): Ref {
  return integer(graph, 'GreaterEqual', [history, graph.integers([0], [])]);
}

/** int32 [b, k]: the row of the score of each place of the history, if row i is item i; 0 for −1. */
function rowsOf(graph: GraphWriter, history: Ref): Ref {
  return integer(graph, 'Maximum', [history, graph.integers([0], [])]);
}

/** int32 [b, k, 2]: row and column of the score of each place of the history. */
function placesOf(graph: GraphWriter, history: Ref): Ref {
  const rows = rowsOf(graph, history);
  // The number of columns is read from the history, because a served model has any number of them.
  const count = graph.add('Size', [slice(graph, history, { from: [0, 0], size: [-1, 1] }, 'i32')], {
    attributes: { T: INT32, out_type: INT32 },
  });
  const numbers = graph.add('Range', [graph.integers([0], []), count, graph.integers([1], [])], {
    attributes: { Tidx: INT32 },
  });
  const none = integer(graph, 'Mul', [rows, graph.integers([0], [])]);
  const columns = integer(graph, 'AddV2', [none, reshape(graph, numbers, [-1, 1], 'i32')]);
  const attributes = { N: { i: 2 }, T: INT32, axis: { i: 2 } };
  return graph.add('Pack', [rows, columns], { attributes });
}

/** bool [n, b, k]: whether a row's item is the item of a place of the history. */
function matches(graph: GraphWriter, history: Ref, items: Ref, [b, k]: readonly [number, number]): Ref {
  const other = graph.integers([-2], []);
  const named = integer(graph, 'SelectV2', [isItem(graph, history), history, other]);
  const [left, right] = [
    wide(graph, reshape(graph, items, [-1, 1, 1], 'i32')),
    wide(graph, reshape(graph, named, [1, b, k], 'i32')),
  ];
  return graph.add('Equal', [left, right], { attributes: { T: INT64 } });
}

/** As int64, which a GPU compares; it leaves int32 to the host. */
function wide(graph: GraphWriter, x: Ref): Ref {
  return graph.add('Cast', [x], { attributes: { SrcT: INT32, DstT: INT64 } });
}

function sumOver(graph: GraphWriter, x: Ref, axis: number): Ref {
  const attributes = { T: FLOAT, Tidx: INT32, keep_dims: { b: false } };
  return graph.add('Sum', [x, graph.integers([axis], [])], { attributes });
}

function historyOf(node: Node, index: number): readonly [number, number] {
  const { rows, cols } = inputOf(node, index);
  return [rows, cols];
}

export const addRepeats: OpLowering = (graph, node, [x = '', values = '', history = '', items]) => {
  const [b, k] = historyOf(node, 2);
  const zero = graph.floats([0]);
  if (items === undefined) {
    const added = float(graph, 'SelectV2', [isItem(graph, history), values, zero]);
    const attributes = { T: FLOAT, Tindices: INT32 };
    return graph.add('TensorScatterAdd', [x, placesOf(graph, history), added], { attributes });
  }
  const perPlace = reshape(graph, values, [1, inputOf(node, 1).rows, k]);
  const chosen = float(graph, 'SelectV2', [matches(graph, history, items, [b, k]), perPlace, zero]);
  return float(graph, 'AddV2', [x, sumOver(graph, chosen, 2)]);
};

export const sumRepeats: OpLowering = (graph, node, [x = '', history = '', items]) => {
  const [b, k] = historyOf(node, 1);
  const zero = graph.floats([0]);
  if (items === undefined) {
    const starts = integer(graph, 'Mul', [rowsOf(graph, history), graph.integers([b], [])]);
    const columns = graph.integers(
      Array.from({ length: b }, (_, column) => column),
      [b, 1],
    );
    const flat = reshape(graph, integer(graph, 'AddV2', [starts, columns]), [-1], 'i32');
    const found = reshape(graph, rowsAt(graph, reshape(graph, x, [-1]), flat), [b, k]);
    return float(graph, 'SelectV2', [isItem(graph, history), found, zero]);
  }
  const column = reshape(graph, x, [-1, b, 1]);
  return sumOver(graph, float(graph, 'SelectV2', [matches(graph, history, items, [b, k]), column, zero]), 0);
};
