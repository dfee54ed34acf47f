import { type Loss, negativeSoftmax, pairwiseLoss } from './loss.ts';

/**
 * TOP1-max, as the region `top1-max`.
 *
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
