import { type Loss, pairwiseLoss } from './loss.ts';

/**
 * TOP1, as the region `top1`.
 *
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
