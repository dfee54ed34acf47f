import { inputOf, outputOf } from '../tensor.ts';
import { broadcastShape, type OpDefinition, sameShape, shapeError, sumTo } from './definition.ts';

export const matmul: OpDefinition = {
  infer(inputs, { transposeA, transposeB }) {
    const [a, b] = inputs;
    if (a?.dtype !== 'f32' || b?.dtype !== 'f32') shapeError('matmul', 'two f32 matrices', inputs);
    const [rows, inner] = transposeA ? [a.cols, a.rows] : [a.rows, a.cols];
    const [innerB, cols] = transposeB ? [b.cols, b.rows] : [b.rows, b.cols];
    if (inner !== innerB) shapeError('matmul', 'equal inner extents', inputs);
    return { dtype: 'f32', rows, cols };
  },
  gradient(graph, node, dy) {
    const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
    const tA = node.attributes.transposeA === true;
    const tB = node.attributes.transposeB === true;
    const da = tA
      ? graph.matmul(b, dy, { transposeA: tB, transposeB: true })
      : graph.matmul(dy, b, { transposeB: !tB });
    const db = tB
      ? graph.matmul(dy, a, { transposeA: true, transposeB: tA })
      : graph.matmul(a, dy, { transposeA: !tA });
    return [da, db];
  },
};

export const add: OpDefinition = {
  infer: (inputs) => broadcastShape('add', inputs),
  gradient: (graph, node, dy) => node.inputs.map((x) => sumTo(graph, dy, x)),
};

export const subtract: OpDefinition = {
  infer: (inputs) => broadcastShape('subtract', inputs),
  gradient(graph, node, dy) {
    const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
    return [sumTo(graph, dy, a), graph.affine(sumTo(graph, dy, b), -1, 0)];
  },
};

export const multiply: OpDefinition = {
  infer: (inputs) => broadcastShape('multiply', inputs),
  gradient(graph, node, dy) {
    const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
    return [sumTo(graph, graph.multiply(dy, b), a), sumTo(graph, graph.multiply(dy, a), b)];
  },
};

export const divide: OpDefinition = {
  infer: (inputs) => broadcastShape('divide', inputs),
  gradient(graph, node, dy) {
    const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
    const da = graph.divide(dy, b);
    return [sumTo(graph, da, a), graph.affine(sumTo(graph, graph.multiply(da, outputOf(node)), b), -1, 0)];
  },
};

export const affine: OpDefinition = {
  infer: (inputs) => sameShape('affine', inputs),
  gradient: (graph, node, dy) => [graph.affine(dy, Number(node.attributes.scale), 0)],
};
