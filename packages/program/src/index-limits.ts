import type { Program, Tensor } from './tensor.ts';

/**
 * The exclusive upper bound of each index tensor, by id: the fewest rows of any table that it gathers from or updates, and
 * infinity for indices that only group rows.
 *
 * @throws RangeError if a program gathers its own top indices from a table with too few rows: a step does not check
 *   computed indices.
 */
export function indexLimits(program: Program): Map<number, number> {
  const limits = new Map<number, number>();
  const lower = (t: Tensor, limit: number): unknown =>
    limits.set(t.id, Math.min(limit, limits.get(t.id) ?? limit));
  // Items that are given are only compared with the history's. Otherwise the history names rows.
  const lowerRepeats = ([history, items]: readonly Tensor[], rows = 0): void => {
    for (const t of items ? [history, items] : []) if (t) lower(t, Number.POSITIVE_INFINITY);
    if (history && !items) lower(history, rows);
  };
  for (const { variable, gradient } of program.updates) {
    const table = program.variables.find((v) => v.variable.name === variable);
    if (gradient.kind === 'dense' || !table) continue;
    for (const { indices } of gradient.parts) lower(indices, table.variable.rows);
  }
  for (const node of [...program.nodes].reverse()) {
    const [first, second] = node.inputs;
    if (node.op === 'rank-counts' && first && second) lower(second, first.rows);
    if (node.op === 'gather' && first && second) lower(second, first.rows);
    const third = node.inputs[2];
    if (node.op === 'add-rows' && second && third) lower(third, second.rows);
    if (node.op === 'merge-rows' && second) lower(second, Number.POSITIVE_INFINITY);
    if (node.op === 'scatter-rows' && second) lower(second, Number(node.attributes.rows));
    if (node.op === 'add-repeats') lowerRepeats(node.inputs.slice(2), first?.rows);
    if (node.op === 'sum-repeats') lowerRepeats(node.inputs.slice(1), first?.rows);
    const own = node.outputs[0] && limits.get(node.outputs[0].id);
    if (node.op === 'top-indices' && first && own !== undefined) checkBest(first.rows, own);
    if (own === undefined) continue;
    // Values gathered from a table of indices are bounded only by that table.
    const carried = node.op === 'gather' ? node.inputs.slice(0, 1) : node.inputs;
    for (const t of carried) if (t.dtype === 'i32') lower(t, own);
  }
  return limits;
}

function checkBest(rows: number, limit: number): void {
  if (rows <= limit) return;
  throw new RangeError(
    `load: top-indices of ${rows} rows expected a table with at least ${rows} rows to gather from, got ${limit} rows`,
  );
}
