import type { Graph, Tensor } from '@gru4rec/program';
import { type Loss, pairwiseLoss } from './loss.ts';

/**
 * Bayesian personalised ranking, as the region `bpr`.
 *
 * With s = finalAct(scores), d = s_bb: L_b = −Σ_n weight_n log σ(d − s_n)    (Hidasi 2016, arXiv:1511.06939, §3.3;
 * the reference sums over all columns including the target's, where the paper takes a mean)
 */
export const bpr: Loss = pairwiseLoss({
  name: 'bpr',
  perSlot: (g, { s, d, weight }) => g.sum(g.multiply(softplus(g, g.subtract(s, d)), weight), 0),
});

/** −log σ(−x) = max(x, 0) + log(1 + e^−|x|), finite for every x. */
function softplus(g: Graph, x: Tensor): Tensor {
  const positive = g.relu(x);
  const magnitude = g.subtract(g.affine(positive, 2, 0), x);
  return g.add(positive, g.log(g.affine(g.exp(g.affine(magnitude, -1, 0)), 1, 1)));
}
