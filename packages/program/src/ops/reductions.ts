import { type OpDefinition, sameShape, shapeError } from './definition.ts';

/** Sum over `axis`: 0 over the rows ([1, cols]), 1 over the columns ([rows, 1]). */
export const sum: OpDefinition = {
  infer(inputs, { axis }) {
    const { rows, cols } = sameShape('sum', inputs);
    return axis === 0 ? { dtype: 'f32', rows: 1, cols } : { dtype: 'f32', rows, cols: 1 };
  },
  gradient(graph, node, dy) {
    const [x] = node.inputs;
    return [x && graph.broadcast(dy, x.rows, x.cols)];
  },
};

/** Maximum over `axis`. It has no gradient: use it under `stopGradient`, as the shift of a softmax. */
export const max: OpDefinition = {
  infer(inputs, { axis }) {
    const { rows, cols } = sameShape('max', inputs);
    return axis === 0 ? { dtype: 'f32', rows: 1, cols } : { dtype: 'f32', rows, cols: 1 };
  },
};

export const broadcast: OpDefinition = {
  infer(inputs, { rows, cols }) {
    const x = sameShape('broadcast', inputs);
    if ((x.rows !== 1 && x.rows !== rows) || (x.cols !== 1 && x.cols !== cols)) {
      shapeError('broadcast', `extents of 1 or [${rows}, ${cols}]`, inputs);
    }
    return { dtype: 'f32', rows: Number(rows), cols: Number(cols) };
  },
  gradient(graph, node, dy) {
    const [x] = node.inputs;
    if (x === undefined) return [];
    const overRows = x.rows === 1 && dy.rows > 1 ? graph.sum(dy, 0) : dy;
    return [x.cols === 1 && dy.cols > 1 ? graph.sum(overRows, 1) : overRows];
  },
};

export const stopGradient: OpDefinition = {
  infer: (inputs) => sameShape('stop-gradient', inputs),
  gradient: () => [undefined],
};
