import { inputOf, type Node, outputOf, type Tensor } from '@gru4rec/program';
import type { Buffer } from './calls.ts';
import { byRows, type Layout } from './layout.ts';
import type { ProgramLowering } from './lowering.ts';

/** The history of `add-repeats` or `sum-repeats` and the items of its rows, as arguments of their kernels. */
function historyOf(lowering: ProgramLowering, given: Tensor, items: Tensor | undefined) {
  const history = lowering.dense(given);
  const { rows: slots, cols: k, stride: strideHistory } = history;
  const common = { history, strideHistory, slots, k };
  if (!items) return { ...common, items: undefined, found: undefined };
  return { ...common, items: lowering.dense(items), found: findRepeats(lowering, given, items) };
}

/** Emits the search for the rows that a history names, once for both ops. */
function findRepeats(lowering: ProgramLowering, given: Tensor, items: Tensor): Buffer {
  const key = `${given.id}:${items.id}`;
  const known = lowering.foundRepeats.get(key);
  if (known) return known;
  const [history, rows] = [lowering.dense(given), lowering.dense(items)];
  const { rows: slots, cols: k, stride: strideHistory } = history;
  const found = lowering.shares('FIND_REPEATS', { slots, k, n: rows.rows });
  lowering.call('FIND_REPEATS', { history, strideHistory, slots, k, items: rows, n: rows.rows, found });
  lowering.foundRepeats.set(key, found);
  return found;
}

/** Distance from one column's values to the next; 0 if one row serves all columns. */
export function strideOfValues({ rows, stride }: Layout): number {
  return rows === 1 ? 0 : stride;
}

/** Adds in place where nothing else reads the scores. */
export function lowerAddRepeats(lowering: ProgramLowering, node: Node): void {
  const [x, values] = [lowering.dense(inputOf(node, 0)), lowering.dense(inputOf(node, 1))];
  const given = historyOf(lowering, inputOf(node, 2), node.inputs[3]);
  const out = lowering.allocate(outputOf(node));
  const { stride, rows: n } = x;
  const strideValues = strideOfValues(values);
  const inPlace = [out.buffer, x.buffer] as const;
  const found = given.found && { buffer: given.found, byRows: true };
  const items = given.items && byRows(given.items);
  const repeats = { ...given, items, found };
  lowering.call('ADD_REPEATS', { x, out, stride, n, values, strideValues, ...repeats }, { inPlace });
}

export function lowerSumRepeats(lowering: ProgramLowering, node: Node): void {
  const x = lowering.dense(inputOf(node));
  const given = historyOf(lowering, inputOf(node, 1), node.inputs[2]);
  const out = lowering.allocate(outputOf(node));
  const { stride, rows: n } = x;
  const { threads: shares } = lowering;
  lowering.call('SUM_REPEATS', { x, stride, n, out, strideOut: out.stride, ...given, shares });
}
