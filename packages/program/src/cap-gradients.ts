import type { Graph } from './graph.ts';
import { perRow } from './ops/rows.ts';
import type { Gradient, RowGradient, Tensor } from './tensor.ts';

/**
 * Scales all gradients by min(1, cap / ‖g‖₂), where the norm runs over all of them and gradients of equal rows
 * count as their sum                                              (Pascanu 2013, arXiv:1211.5063, algorithm 1)
 *
 * Row gradients stay row gradients.
 */
export function capGradients(
  builder: Graph,
  gradients: ReadonlyMap<string, Gradient>,
  cap: number,
): Map<string, Gradient> {
  const squares = [...gradients.values()].map((gradient) => squaredNorm(builder, gradient));
  const [first, ...others] = squares;
  if (first === undefined) return new Map();
  const norm = builder.sqrt(others.reduce((total, square) => builder.add(total, square), first));
  // cap / max(norm, cap) without a maximum of two tensors, for which there is no op, and without dividing by a norm of 0.
  const excess = builder.relu(builder.affine(norm, 1, -cap));
  const scale = builder.divide(builder.constant(cap), builder.affine(excess, 1, cap));
  return new Map([...gradients].map(([name, gradient]) => [name, scaled(builder, gradient, scale)]));
}

function squaredNorm(g: Graph, gradient: Gradient): Tensor {
  const tensor = gradient.kind === 'dense' ? gradient.tensor : distinctRows(g, gradient.parts);
  return g.sum(g.sum(g.multiply(tensor, tensor), 1), 0);
}

/** Sums the rows of equal index over all parts. */
function distinctRows(g: Graph, parts: readonly RowGradient[]): Tensor {
  const [first] = parts;
  if (first && parts.some((part) => perRow(part.rows, part.indices) !== perRow(first.rows, first.indices))) {
    throw new RangeError(
      'capGradients: "gradients" expected as many indices per row in all parts of a table',
    );
  }
  const { rows, indices } = parts.reduce((all, part) => ({
    rows: g.concat(all.rows, part.rows),
    indices: g.concat(all.indices, part.indices),
  }));
  return g.mergeRows(rows, indices);
}

function scaled(g: Graph, gradient: Gradient, scale: Tensor): Gradient {
  if (gradient.kind === 'dense') return { kind: 'dense', tensor: g.multiply(gradient.tensor, scale) };
  const parts = gradient.parts.map(({ indices, rows }) => ({ indices, rows: g.multiply(rows, scale) }));
  return { kind: 'rows', parts };
}
