import type { Graph, Tensor } from '@gru4rec/program';
import { type Loss, negativeSoftmax, pairwiseLoss } from './loss.ts';

/**
 * Bayesian personalised ranking, as the region `bpr`.
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

/** Inside the logarithm, as in the reference. */
const EPSILON = 1e-24;

/**
 * BPR-max with score regularisation, as the region `bpr-max`.
 * With s = finalAct(scores), w = softmax of s over the columns except the slot's own, d = s_bb:
 * L_b = −log(Σ_n w_n σ(d − s_n) + 1e-24) + bpreg Σ_n w_n s_n²        (Hidasi 2018, arXiv:1706.03847, eq. 10–11)
 */
export const bprMax: Loss = pairwiseLoss({
  name: 'bpr-max',
  masksTarget: true,
  constants: ['bpreg'],
  perSlot(g, { s, d, weight, own }, { bpreg }) {
    const w = negativeSoftmax(g, s, weight, own);
    const wins = g.sigmoid(g.subtract(d, s));
    const rank = g.log(g.affine(g.sum(g.multiply(w, wins), 0), 1, EPSILON));
    const penalty = g.sum(g.multiply(w, g.multiply(s, s)), 0);
    return g.subtract(g.affine(penalty, bpreg, 0), rank);
  },
});

/**
 * TOP1, as the region `top1`.
 * With s = finalAct(scores), d = s_bb, N = Σ weight (which includes the target's column, whose second term is subtracted):
 * L_b = 1/N Σ_n weight_n (σ(s_n − d) + σ(s_n²)) − σ(d²)/N                  (Hidasi 2016, arXiv:1511.06939, §3.3)
 */
export const top1: Loss = pairwiseLoss({
  name: 'top1',
  perSlot(g, { s, d, weight }) {
    const ahead = g.add(g.sigmoid(g.subtract(s, d)), g.sigmoid(g.multiply(s, s)));
    const total = g.sum(g.multiply(ahead, weight), 0);
    return g.divide(g.subtract(total, g.sigmoid(g.multiply(d, d))), g.sum(weight, 0));
  },
});

/**
 * TOP1-max, as the region `top1-max`.
 * With s = finalAct(scores), w = softmax of s over the columns except the slot's own, d = s_bb:
 * L_b = Σ_n w_n (σ(s_n − d) + σ(s_n²))                              (Hidasi 2018, arXiv:1706.03847, eq. 8)
 */
export const top1Max: Loss = pairwiseLoss({
  name: 'top1-max',
  masksTarget: true,
  perSlot(g, { s, d, weight, own }) {
    const w = negativeSoftmax(g, s, weight, own);
    const ahead = g.add(g.sigmoid(g.subtract(s, d)), g.sigmoid(g.multiply(s, s)));
    return g.sum(g.multiply(w, ahead), 0);
  },
});
