import { inputOf } from '@gru4rec/program';
import { FLOAT, INT32 } from '../graph-writer.ts';
import { float, integer, type OpLowering, reshape } from './lowering.ts';
import { rowsAt } from './rows.ts';

/** x + ((scale − 1)·x + added) at the places, because one op adds to some places of a vector and none multiplies. */
export const adjust: OpLowering = (graph, node, [x = '', rows = '', scale = '', added = '']) => {
  const { rows: b, cols: k } = inputOf(node, 1);
  const zero = graph.integers([0], []);
  const columns = graph.integers(
    Array.from({ length: b }, (_, column) => column),
    [b, 1],
  );
  // Row 0 for −1.
  const starts = integer(graph, 'Mul', [integer(graph, 'Maximum', [rows, zero]), graph.integers([b], [])]);
  const places = reshape(graph, integer(graph, 'AddV2', [starts, columns]), [-1], 'i32');
  const all = reshape(graph, x, [-1]);
  const scores = reshape(graph, rowsAt(graph, all, places), [b, k]);
  const gain = float(graph, 'Mul', [float(graph, 'Sub', [scale, graph.floats([1])]), scores]);
  const named = integer(graph, 'GreaterEqual', [rows, zero]);
  const more = float(graph, 'SelectV2', [named, float(graph, 'AddV2', [gain, added]), graph.floats([0])]);
  const inputs = [all, reshape(graph, places, [-1, 1], 'i32'), reshape(graph, more, [-1])];
  const sums = graph.add('TensorScatterAdd', inputs, { attributes: { T: FLOAT, Tindices: INT32 } });
  return reshape(graph, sums, [-1, b]);
};
