import { inputOf, type OpName, outputOf } from '@gru4rec/program';
import { FLOAT, type GraphWriter, INT32, type Ref, UINT32, UINT64 } from '../graph-writer.ts';
import { adjust } from './adjust.ts';
import {
  float,
  integer,
  type OpLowering,
  slice as part,
  reduce,
  reshape,
  stacked,
  toFloats,
  transposed,
} from './lowering.ts';
import { rankCounts, topAllowed, topIndices } from './ranking.ts';
import { addRows, gather, mergeRows, scatterRows } from './rows.ts';

/** An op that TensorFlow also has, as `name`, and broadcasts like a program. */
function named(name: string): OpLowering {
  return (graph, _node, inputs) => float(graph, name, inputs);
}

function isPositive(graph: GraphWriter, x: Ref): Ref {
  return float(graph, 'Greater', [x, graph.floats([0])]);
}

/** Subtracts the negated shift: TensorFlow reorders sums of sums, which would lose a score of 1 between 1e30 and −1e30. */
const affine: OpLowering = (graph, { attributes }, [x = '']) => {
  const [scale, shift] = [Number(attributes.scale), Number(attributes.shift)];
  const scaled = scale === 1 ? x : float(graph, 'Mul', [x, graph.floats([scale])]);
  return shift === 0 ? scaled : float(graph, 'Sub', [scaled, graph.floats([-shift])]);
};

/** TensorFlow's `Elu` has alpha 1; alpha scales the part below 0. */
const elu: OpLowering = (graph, { attributes }, [x = '']) => {
  const plain = float(graph, 'Elu', [x]);
  const alpha = Number(attributes.alpha);
  if (alpha === 1) return plain;
  const below = float(graph, 'Mul', [plain, graph.floats([alpha])]);
  return float(graph, 'SelectV2', [isPositive(graph, x), x, below]);
};

const PHILOX = 1;

/** Philox 4x32-10 with the op definition's key and counter, so that masks equal those of all other engines. */
const dropoutMask: OpLowering = (graph, node, [philox = '']) => {
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
    { attributes: { dtype: UINT32, Tshape: INT32 } },
  );
  const threshold = graph.unsigned(Math.floor(p * 2 ** 32));
  const kept = graph.add('GreaterEqual', [drawn, threshold], { attributes: { T: UINT32 } });
  return float(graph, 'Mul', [toFloats(graph, kept), graph.floats([1 / (1 - p)])]);
};

function rowOf(graph: GraphWriter, words: Ref, row: number): Ref {
  return part(graph, words, { from: [row, 0], size: [1, 2] }, 'i32');
}

/** Joins pairs of words along the last axis into 64-bit words. */
function joinWords(graph: GraphWriter, words: Ref): Ref {
  return graph.add('Bitcast', [words], { attributes: { T: INT32, type: UINT64 } });
}

/** A transposed first matrix is a batch of one: a fused CPU `MatMul` fails for a row ("bias must be 1-dimensional"). */
const matmul: OpLowering = (graph, { attributes }, inputs) => {
  const [turnA, turnB] = [attributes.transposeA === true, attributes.transposeB === true];
  return turnA
    ? graph.add('BatchMatMulV2', inputs, {
        attributes: { T: FLOAT, adj_x: { b: true }, adj_y: { b: turnB } },
      })
    : graph.add('MatMul', inputs, { attributes: { T: FLOAT, transpose_b: { b: turnB } } });
};

const broadcast: OpLowering = (graph, node, [x = '']) => {
  const { rows, cols } = outputOf(node);
  return graph.add('BroadcastTo', [x, graph.integers([rows, cols])], {
    attributes: { T: FLOAT, Tidx: INT32 },
  });
};

const transpose: OpLowering = (graph, node, [x = '']) => {
  const { dtype, rows, cols } = outputOf(node);
  return rows === 1 || cols === 1 ? reshape(graph, x, [rows, cols], dtype) : transposed(graph, x, dtype);
};

const diagonal: OpLowering = (graph, node, [ref = '']) => {
  const { rows, cols } = inputOf(node);
  const square = rows === cols ? ref : part(graph, ref, { from: [0, 0], size: [cols, cols] });
  return reshape(graph, float(graph, 'MatrixDiagPart', [square]), [1, cols]);
};

/** A product with a 0/1 mask, which TensorFlow computes once: 5× faster than writing the diagonal into zeros. */
const fromDiagonal: OpLowering = (graph, node, [x = '']) => {
  const { rows, cols } = outputOf(node);
  const [down, across] = [countingUp(graph, rows, [rows, 1]), countingUp(graph, cols, [1, cols])];
  return float(graph, 'Mul', [x, toFloats(graph, float(graph, 'Equal', [down, across]))]);
};

/** 0, 1, … as floats, because TensorFlow compares integers on the host even if there is a GPU. */
function countingUp(graph: GraphWriter, length: number, extents: readonly number[]): Ref {
  return graph.floats([...Array(length).keys()], extents);
}

const slice: OpLowering = (graph, node, [x = '']) => {
  const { dtype, rows, cols } = outputOf(node);
  return part(graph, x, { from: [Number(node.attributes.from), 0], size: [rows, cols] }, dtype);
};

export const lowerings: Readonly<Record<OpName, OpLowering>> = {
  add: named('AddV2'),
  subtract: named('Sub'),
  multiply: named('Mul'),
  divide: named('RealDiv'),
  affine,
  sigmoid: named('Sigmoid'),
  tanh: named('Tanh'),
  step: (graph, _node, [x = '']) => toFloats(graph, isPositive(graph, x)),
  relu: named('Relu'),
  'leaky-relu': (graph, { attributes }, inputs) =>
    graph.add('LeakyRelu', inputs, { attributes: { T: FLOAT, alpha: { f: Number(attributes.alpha) } } }),
  elu,
  exp: named('Exp'),
  log: named('Log'),
  sqrt: named('Sqrt'),
  constant: (graph, node) => {
    const { rows, cols } = outputOf(node);
    return graph.floats([Number(node.attributes.value)], [rows, cols]);
  },
  'dropout-mask': dropoutMask,
  matmul,
  sum: (graph, { attributes }, [x = '']) => reduce(graph, 'Sum', x, Number(attributes.axis)),
  max: (graph, { attributes }, [x = '']) => reduce(graph, 'Max', x, Number(attributes.axis)),
  broadcast,
  'stop-gradient': (_graph, _node, [x = '']) => x,
  transpose,
  diagonal,
  'from-diagonal': fromDiagonal,
  concat: (graph, node, inputs) => stacked(graph, inputs, outputOf(node).dtype),
  slice,
  gather,
  'scatter-rows': scatterRows,
  'merge-rows': mergeRows,
  'add-rows': addRows,
  'rank-counts': rankCounts,
  'top-indices': topIndices,
  'top-allowed': topAllowed,
  adjust,
};
