import { inputOf } from '@gru4rec/program';
import { FLOAT, type GraphWriter, INT32, type Ref } from '../graph-writer.ts';
import { float, integer, type OpLowering, packed, range, reshape, sizeOf, slice } from './lowering.ts';
import { rowsAt } from './rows.ts';

/** int32 [b, k, 2]: row and column of each adjusted score; row 0 for −1. */
function placesOf(graph: GraphWriter, rows: Ref): Ref {
  const known = integer(graph, 'Maximum', [rows, graph.integers([0], [])]);
  // The number of columns is read from the rows, because a served model has any number of them.
  const count = sizeOf(graph, slice(graph, rows, { from: [0, 0], size: [-1, 1] }, 'i32'));
  const numbers = range(graph, graph.integers([0], []), count);
  const none = integer(graph, 'Mul', [known, graph.integers([0], [])]);
  const columns = integer(graph, 'AddV2', [none, reshape(graph, numbers, [-1, 1], 'i32')]);
  return packed(graph, [known, columns], 2);
}

/** x + ((scale − 1)·x + added) at the places, because one op adds to some places of a matrix and none multiplies. */
export const adjust: OpLowering = (graph, node, [x = '', rows = '', scale = '', added = '']) => {
  const places = placesOf(graph, rows);
  const { rows: b, cols: k } = inputOf(node, 1);
  const known = integer(graph, 'Maximum', [rows, graph.integers([0], [])]);
  const columns = graph.integers(
    Array.from({ length: b }, (_, column) => column),
    [b, 1],
  );
  const starts = integer(graph, 'Mul', [known, graph.integers([b], [])]);
  const flat = reshape(graph, integer(graph, 'AddV2', [starts, columns]), [-1], 'i32');
  const scores = reshape(graph, rowsAt(graph, reshape(graph, x, [-1]), flat), [b, k]);
  const gain = float(graph, 'Mul', [float(graph, 'Sub', [scale, graph.floats([1])]), scores]);
  const named = integer(graph, 'GreaterEqual', [rows, graph.integers([0], [])]);
  const more = float(graph, 'SelectV2', [named, float(graph, 'AddV2', [gain, added]), graph.floats([0])]);
  return graph.add('TensorScatterAdd', [x, places, more], { attributes: { T: FLOAT, Tindices: INT32 } });
};
