import type { Program, Tensor } from './tensor.ts';

/**
 * For each index tensor, by id, the height of the lowest table it is looked up in or updates rows of; infinite where it only
 * tells rows apart.
 *
 * @throws RangeError if a program looks up its own best rows in a lower table: computed indices are not checked when a
 *   step runs.
 */
export function indexLimits(program: Program): Map<number, number> {
  const limits = new Map<number, number>();
  const lower = (t: Tensor, limit: number): unknown =>
    limits.set(t.id, Math.min(limit, limits.get(t.id) ?? limit));
  for (const { variable, gradient } of program.updates) {
    const table = program.variables.find((v) => v.variable.name === variable);
    if (gradient.kind === 'dense' || !table) continue;
    for (const { indices } of gradient.parts) lower(indices, table.variable.rows);
  }
  for (const node of [...program.nodes].reverse()) {
    const [first, second] = node.inputs;
    if (node.op === 'rank-counts' && first && second) lower(second, first.rows);
    if (node.op === 'gather' && first && second) lower(second, first.rows);
    if (node.op === 'merge-rows' && second) lower(second, Number.POSITIVE_INFINITY);
    if (node.op === 'scatter-rows' && second) lower(second, Number(node.attributes.rows));
    const own = node.outputs[0] && limits.get(node.outputs[0].id);
    if (node.op === 'top-indices' && first && own !== undefined) checkBest(first.rows, own);
    if (own === undefined) continue;
    // What is looked up in a table of indices is limited by that table alone.
    const carried = node.op === 'gather' ? node.inputs.slice(0, 1) : node.inputs;
    for (const t of carried) if (t.dtype === 'i32') lower(t, own);
  }
  return limits;
}

function checkBest(rows: number, limit: number): void {
  if (rows <= limit) return;
  throw new RangeError(
    `load: top-indices of ${rows} rows expected a table of as many to look them up in, got one of ${limit}`,
  );
}
