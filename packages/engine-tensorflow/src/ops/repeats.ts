import { inputOf } from '@gru4rec/program';
import { FLOAT, type GraphWriter, INT32, type Ref } from '../graph-writer.ts';
import { float, integer, type OpLowering, reshape, slice } from './lowering.ts';
import { rowsAt } from './rows.ts';

/** bool [b, k]: whether a place of the history names a row. */
function isItem(graph: GraphWriter, history: Ref): Ref {
  return integer(graph, 'GreaterEqual', [history, graph.integers([0], [])]);
}

/** int32 [b, k]: the row of the score of each place of the history; 0 for −1. */
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

export const addRepeats: OpLowering = (graph, _node, [x = '', values = '', history = '']) => {
  const added = float(graph, 'SelectV2', [isItem(graph, history), values, graph.floats([0])]);
  const attributes = { T: FLOAT, Tindices: INT32 };
  return graph.add('TensorScatterAdd', [x, placesOf(graph, history), added], { attributes });
};

export const sumRepeats: OpLowering = (graph, node, [x = '', history = '']) => {
  const { rows: b, cols: k } = inputOf(node, 1);
  const starts = integer(graph, 'Mul', [rowsOf(graph, history), graph.integers([b], [])]);
  const columns = graph.integers(
    Array.from({ length: b }, (_, column) => column),
    [b, 1],
  );
  const flat = reshape(graph, integer(graph, 'AddV2', [starts, columns]), [-1], 'i32');
  const found = reshape(graph, rowsAt(graph, reshape(graph, x, [-1]), flat), [b, k]);
  return float(graph, 'SelectV2', [isItem(graph, history), found, graph.floats([0])]);
};
