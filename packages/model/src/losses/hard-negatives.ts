import type { Graph, Tensor } from '@gru4rec/program';
import { type LossInputs, NEVER } from './loss.ts';

/**
 * Scores [N, B] with those of all but each slot's target and its hardest negatives lowered by 2e30, so that their share of a
 * softmax is 0. The hardest negatives are the `most` greatest scores of the other columns that count (weight > 0), and all
 * scores that equal the last of these; all columns if there are no more than `most`.
 */
export function onlyHardest(
  g: Graph,
  { scores, weight }: Pick<LossInputs, 'scores' | 'weight'>,
  most: number,
): Tensor {
  const k = Math.min(most, scores.rows - 1);
  const masksOwn = g.fromDiagonal(g.constant(-2 * NEVER, 1, scores.cols), scores.rows);
  const counted = g.add(g.stopGradient(scores), g.affine(g.step(weight), NEVER, -NEVER));
  const others = g.add(counted, masksOwn);
  const last = g.slice(g.topIndices(others, k), k - 1, k);
  const least = g.diagonal(g.gather(others, g.transpose(last)));
  const lowered = g.affine(g.step(g.subtract(least, others)), -2 * NEVER, 0);
  // The target is lowered too, because even columns that do not count exceed it. Its −2e30 − (−2e30) is 0.
  return g.add(scores, g.subtract(lowered, masksOwn));
}
