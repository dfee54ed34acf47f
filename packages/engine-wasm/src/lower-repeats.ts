import { inputOf, type Node, outputOf, type Tensor } from '@gru4rec/program';
import type { Layout } from './layout.ts';
import type { Lowering } from './lowering.ts';

/** The history of `add-repeats` or `sum-repeats` and the items of its rows, as arguments of their kernels. */
function historyOf(lowering: Lowering, [given, items]: readonly (Tensor | undefined)[]) {
  const history = lowering.dense(given as Tensor);
  const { rows: slots, cols: k, stride: strideHistory } = history;
  return { history, strideHistory, slots, k, items: items && lowering.dense(items) };
}

/** Distance from one column's values to the next; 0 if one row serves all columns. */
function strideOfValues({ rows, stride }: Layout): number {
  return rows === 1 ? 0 : stride;
}

/** Adds in place where nothing else reads the scores. */
export function lowerAddRepeats(lowering: Lowering, node: Node): void {
  const [x, values] = [lowering.dense(inputOf(node, 0)), lowering.dense(inputOf(node, 1))];
  const given = historyOf(lowering, node.inputs.slice(2));
  const out = lowering.allocate(outputOf(node));
  const { slots, k } = given;
  const maps = lowering.shares('ADD_REPEATS', { slots, k });
  const { stride, rows: n } = x;
  const strideValues = strideOfValues(values);
  const inPlace = [out.buffer, x.buffer] as const;
  lowering.call('ADD_REPEATS', { x, out, stride, n, values, strideValues, ...given, maps }, { inPlace });
}

export function lowerSumRepeats(lowering: Lowering, node: Node): void {
  const x = lowering.dense(inputOf(node));
  const given = historyOf(lowering, node.inputs.slice(1));
  const out = lowering.allocate(outputOf(node));
  const { slots, k } = given;
  const maps = lowering.shares('SUM_REPEATS', { slots, k });
  const { stride, rows: n } = x;
  lowering.call('SUM_REPEATS', { x, stride, n, out, strideOut: out.stride, ...given, maps });
}
