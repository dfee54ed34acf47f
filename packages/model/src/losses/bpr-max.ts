import { type Loss, negativeSoftmax, pairwiseLoss } from './loss.ts';

/** Inside the logarithm, as in the reference. */
const EPSILON = 1e-24;

/**
 * BPR-max with score regularisation, as the region `bpr-max`.
 *
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
