import type { Graph, Tensor } from '@gru4rec/program';
import type { LossInputs } from './loss.ts';
import { type PairwiseOptions, pairwiseLoss } from './pairwise-loss.ts';

/**
 * TOP1, as the region `top1`.
 *
 * With s = finalAct(scores), d = s_bb, N = Σ weight (the own column included, whose second term is taken out):
 * L_b = 1/N Σ_n weight_n (σ(s_n − d) + σ(s_n²)) − σ(d²)/N                  (Hidasi 2016, arXiv:1511.06939, §3.3)
 *
 * @returns Σ L_b over live slots / batchSize; [1, 1].
 */
export function top1(graph: Graph, inputs: LossInputs, options: PairwiseOptions): Tensor {
  return pairwiseLoss(graph, inputs, { name: 'top1', options }, (g, { s, d, weight }) => {
    const ahead = g.add(g.sigmoid(g.subtract(s, d)), g.sigmoid(g.multiply(s, s)));
    const total = g.sum(g.multiply(ahead, weight), 0);
    return g.divide(g.subtract(total, g.sigmoid(g.multiply(d, d))), g.sum(weight, 0));
  });
}
