import { inputOf, outputOf } from '../tensor.ts';
import { type OpDefinition, sameShape } from './definition.ts';

export const sigmoid: OpDefinition = {
  infer: (inputs) => sameShape('sigmoid', inputs),
  gradient(graph, node, dy) {
    const y = outputOf(node);
    return [graph.multiply(dy, graph.multiply(y, graph.affine(y, -1, 1)))];
  },
};

export const tanh: OpDefinition = {
  infer: (inputs) => sameShape('tanh', inputs),
  gradient(graph, node, dy) {
    const y = outputOf(node);
    return [graph.multiply(dy, graph.affine(graph.multiply(y, y), -1, 1))];
  },
};

export const step: OpDefinition = {
  infer: (inputs) => sameShape('step', inputs),
  gradient: () => [undefined],
};

export const relu: OpDefinition = {
  infer: (inputs) => sameShape('relu', inputs),
  gradient: (graph, node, dy) => [graph.multiply(dy, graph.step(inputOf(node)))],
};

export const leakyRelu: OpDefinition = {
  infer: (inputs) => sameShape('leaky-relu', inputs),
  gradient(graph, node, dy) {
    const alpha = Number(node.attributes.alpha);
    return [graph.multiply(dy, graph.affine(graph.step(inputOf(node)), 1 - alpha, alpha))];
  },
};

export const elu: OpDefinition = {
  infer: (inputs) => sameShape('elu', inputs),
  gradient(graph, node, dy) {
    const positive = graph.step(inputOf(node));
    const below = graph.multiply(
      graph.affine(positive, -1, 1),
      graph.affine(outputOf(node), 1, Number(node.attributes.alpha)),
    );
    return [graph.multiply(dy, graph.add(positive, below))];
  },
};

export const exp: OpDefinition = {
  infer: (inputs) => sameShape('exp', inputs),
  gradient: (graph, node, dy) => [graph.multiply(dy, outputOf(node))],
};

export const log: OpDefinition = {
  infer: (inputs) => sameShape('log', inputs),
  gradient: (graph, node, dy) => [graph.divide(dy, inputOf(node))],
};

export const sqrt: OpDefinition = {
  infer: (inputs) => sameShape('sqrt', inputs),
  gradient: (graph, node, dy) => [graph.affine(graph.divide(dy, outputOf(node)), 0.5, 0)],
};
