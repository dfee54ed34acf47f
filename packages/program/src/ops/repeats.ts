import { inputOf, type Tensor } from '../tensor.ts';
import { type OpDefinition, shapeError, sumTo } from './definition.ts';

const EXPECTED = 'i32 [b, k] history and, if any, i32 [n, 1] items';

/** Whether a history of k items per column of scores x, f32 [n, b], and the items of the rows of x, if any, fit. */
function fits(x?: Tensor, history?: Tensor, items?: Tensor): boolean {
  if (x?.dtype !== 'f32' || history?.dtype !== 'i32' || history.rows !== x.cols) return false;
  return items === undefined || (items.dtype === 'i32' && items.cols === 1 && items.rows === x.rows);
}

/**
 * out[i, c] = x[i, c] + Σ_j values[c, j]·[history[c, j] = items[i]]: the scores of the items that a column's history
 * names change, all others stay. Without items, row i is item i. −1 names no item, in history and items.
 *
 * Inputs: x f32 [n, b], values f32 [b, k] or [1, k] (the same for all columns), history i32 [b, k], items i32 [n, 1].
 */
export const addRepeats: OpDefinition = {
  infer(inputs) {
    const [x, values, history, items] = inputs;
    const sameWidth = values?.dtype === 'f32' && values.cols === history?.cols;
    const perColumn = values?.rows === 1 || values?.rows === history?.rows;
    if (!x || !fits(x, history, items) || !sameWidth || !perColumn) {
      shapeError('add-repeats', `f32 [n, b], f32 [b, k] or [1, k] values, ${EXPECTED}`, inputs);
    }
    return { dtype: 'f32', rows: x.rows, cols: x.cols };
  },
  gradient(graph, node, dy) {
    const [values, history, items] = [inputOf(node, 1), inputOf(node, 2), node.inputs[3]];
    return [dy, sumTo(graph, graph.sumRepeats(dy, history, items), values)];
  },
};

/**
 * out[c, j] = Σ_i x[i, c]·[history[c, j] = items[i]], the gradient of `add-repeats` with respect to its values. Inputs: x,
 * history, items, as there.
 */
export const sumRepeats: OpDefinition = {
  infer(inputs) {
    const [x, history, items] = inputs;
    if (!history || !fits(x, history, items)) shapeError('sum-repeats', `f32 [n, b], ${EXPECTED}`, inputs);
    return { dtype: 'f32', rows: history.rows, cols: history.cols };
  },
  gradient(graph, node, dy) {
    const [x, history, items] = [inputOf(node, 0), inputOf(node, 1), node.inputs[2]];
    return [graph.addRepeats(graph.constant(0, x.rows, x.cols), dy, history, items)];
  },
};
