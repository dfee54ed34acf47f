import { outputOf } from '@gru4rec/program';
import { type GraphWriter, type Ref, typeOf } from '../graph-writer.ts';
import { DataType } from '../messages.ts';
import { float, integer, type OpLowering, reshape, slice, stacked, toFloats } from './lowering.ts';

const PHILOX = 1;

export const constant: OpLowering = (graph, node) => {
  const { rows, cols } = outputOf(node);
  return graph.floats([Number(node.attributes.value)], [rows, cols]);
};

/** Philox 4x32-10 with the op definition's key and counter, so that masks equal those of all other engines. */
export const dropoutMask: OpLowering = (graph, node, [philox = '']) => {
  const { rows, cols } = outputOf(node);
  const p = Number(node.attributes.p);
  const words = reshape(graph, philox, [2, 2], 'i32');
  const key = joinWords(graph, rowOf(graph, words, 0));
  // High word of the counter: stream · 2⁴⁸ + step.
  const stream = graph.integers([0, Number(node.attributes.stream) << 16], [1, 2]);
  const high = integer(graph, 'AddV2', [rowOf(graph, words, 1), stream]);
  const counter = joinWords(graph, stacked(graph, [graph.integers([0], [1, 2]), high], 'i32'));
  const drawn = graph.add(
    'StatelessRandomUniformFullIntV2',
    [graph.integers([rows, cols]), key, counter, graph.integers([PHILOX], [])],
    { attributes: { dtype: typeOf(DataType.uint32), Tshape: typeOf(DataType.int32) } },
  );
  const threshold = graph.unsigned(Math.floor(p * 2 ** 32));
  const kept = graph.add('GreaterEqual', [drawn, threshold], {
    attributes: { T: typeOf(DataType.uint32) },
  });
  return float(graph, 'Mul', [toFloats(graph, kept), graph.floats([1 / (1 - p)])]);
};

function rowOf(graph: GraphWriter, words: Ref, row: number): Ref {
  return slice(graph, words, { from: [row, 0], size: [1, 2] }, 'i32');
}

/** Joins pairs of words along the last axis into 64-bit words. */
function joinWords(graph: GraphWriter, words: Ref): Ref {
  const attributes = { T: typeOf(DataType.int32), type: typeOf(DataType.uint64) };
  return graph.add('Bitcast', [words], { attributes });
}
