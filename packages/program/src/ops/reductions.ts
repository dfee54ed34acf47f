import { inputOf, type Shape, type Tensor } from '../tensor.ts';
import { type OpDefinition, sameShape, shapeError, sumTo } from './definition.ts';

function reduced(op: string, inputs: readonly Tensor[], axis: unknown): Shape {
  const { rows, cols } = sameShape(op, inputs);
  return axis === 0 ? { dtype: 'f32', rows: 1, cols } : { dtype: 'f32', rows, cols: 1 };
}

export const sum: OpDefinition = {
  infer: (inputs, { axis }) => reduced('sum', inputs, axis),
  gradient(graph, node, dy) {
    const { rows, cols } = inputOf(node);
    return [graph.broadcast(dy, rows, cols)];
  },
};

export const max: OpDefinition = { infer: (inputs, { axis }) => reduced('max', inputs, axis) };

export const broadcast: OpDefinition = {
  infer(inputs, { rows, cols }) {
    const x = sameShape('broadcast', inputs);
    if ((x.rows !== 1 && x.rows !== rows) || (x.cols !== 1 && x.cols !== cols)) {
      shapeError('broadcast', `extents of 1 or [${rows}, ${cols}]`, inputs);
    }
    return { dtype: 'f32', rows: Number(rows), cols: Number(cols) };
  },
  gradient: (graph, node, dy) => [sumTo(graph, dy, inputOf(node))],
};

export const stopGradient: OpDefinition = {
  infer: (inputs) => sameShape('stop-gradient', inputs),
  gradient: () => [undefined],
};
