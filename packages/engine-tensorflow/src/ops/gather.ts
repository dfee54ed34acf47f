import type { DType } from '@gru4rec/program';
import { type GraphWriter, type Ref, typeOf } from '../graph-writer.ts';
import { DataType } from '../messages.ts';
import { float, integer, type OpLowering, reshape } from './lowering.ts';

/** Row numbers for TensorFlow: a vector, with 0 instead of −1. */
export function rowNumbers(graph: GraphWriter, indices: Ref): Ref {
  return integer(graph, 'Maximum', [reshape(graph, indices, [-1], 'i32'), graph.integers([0], [])]);
}

/** bool [n, 1]: whether an index is a row, not −1. */
function namesRow(graph: GraphWriter, indices: Ref): Ref {
  const column = reshape(graph, indices, [-1, 1], 'i32');
  return integer(graph, 'GreaterEqual', [column, graph.integers([0], [])]);
}

/** Gathers from a computed value; `lowering.ts` gathers from variables in place. */
export const gather: OpLowering = (graph, { inputs: [table] }, [ref = '', indices = '']) => {
  const dtype = table?.dtype ?? 'f32';
  return withoutMissing(graph, rowsAt(graph, ref, rowNumbers(graph, indices), dtype), indices, dtype);
};

export function withoutMissing(graph: GraphWriter, rows: Ref, indices: Ref, dtype: DType = 'f32'): Ref {
  const [select, zero] = dtype === 'f32' ? [float, graph.floats([0])] : [integer, graph.integers([0], [])];
  return select(graph, 'SelectV2', [namesRow(graph, indices), rows, zero]);
}

export function rowsAt(graph: GraphWriter, table: Ref, numbers: Ref, dtype: DType = 'f32'): Ref {
  const attributes = {
    Tparams: typeOf(dtype === 'f32' ? DataType.float : DataType.int32),
    Tindices: typeOf(DataType.int32),
    Taxis: typeOf(DataType.int32),
  };
  return graph.add('GatherV2', [table, numbers, graph.integers([0], [])], { attributes });
}
