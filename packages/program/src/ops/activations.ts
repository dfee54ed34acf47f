import { type OpDefinition, sameShape } from './definition.ts';

export const sigmoid: OpDefinition = {
  infer: (inputs) => sameShape('sigmoid', inputs),
  gradient(graph, node, dy) {
    const [y] = node.outputs;
    return [y && graph.multiply(dy, graph.multiply(y, graph.affine(y, -1, 1)))];
  },
};

export const tanh: OpDefinition = {
  infer: (inputs) => sameShape('tanh', inputs),
  gradient(graph, node, dy) {
    const [y] = node.outputs;
    return [y && graph.multiply(dy, graph.affine(graph.multiply(y, y), -1, 1))];
  },
};

/** 1 where x > 0, else 0. Its gradient is zero everywhere. */
export const step: OpDefinition = {
  infer: (inputs) => sameShape('step', inputs),
  gradient: () => [undefined],
};

export const relu: OpDefinition = {
  infer: (inputs) => sameShape('relu', inputs),
  gradient(graph, node, dy) {
    const [x] = node.inputs;
    return [x && graph.multiply(dy, graph.step(x))];
  },
};

export const leakyRelu: OpDefinition = {
  infer: (inputs) => sameShape('leaky-relu', inputs),
  gradient(graph, node, dy) {
    const [x] = node.inputs;
    const alpha = Number(node.attributes.alpha);
    return [x && graph.multiply(dy, graph.affine(graph.step(x), 1 - alpha, alpha))];
  },
};

/** x for x > 0, alpha·(e^x − 1) elsewhere (Clevert 2015, arXiv:1511.07289, eq. 15). */
export const elu: OpDefinition = {
  infer: (inputs) => sameShape('elu', inputs),
  gradient(graph, node, dy) {
    const [x] = node.inputs;
    const [y] = node.outputs;
    if (x === undefined || y === undefined) return [];
    const positive = graph.step(x);
    const below = graph.multiply(
      graph.affine(positive, -1, 1),
      graph.affine(y, 1, Number(node.attributes.alpha)),
    );
    return [graph.multiply(dy, graph.add(positive, below))];
  },
};

export const exp: OpDefinition = {
  infer: (inputs) => sameShape('exp', inputs),
  gradient(graph, node, dy) {
    const [y] = node.outputs;
    return [y && graph.multiply(dy, y)];
  },
};

export const log: OpDefinition = {
  infer: (inputs) => sameShape('log', inputs),
  gradient(graph, node, dy) {
    const [x] = node.inputs;
    return [x && graph.divide(dy, x)];
  },
};

export const sqrt: OpDefinition = {
  infer: (inputs) => sameShape('sqrt', inputs),
  gradient(graph, node, dy) {
    const [y] = node.outputs;
    return [y && graph.affine(graph.divide(dy, y), 0.5, 0)];
  },
};
