import type { Graph, Tensor } from '@gru4rec/program';
import { type LossInputs, lossRegion, meanOverBatch, weightedExponentials } from './loss.ts';

/**
 * Softmax cross-entropy over the columns, as the region `cross-entropy`
 * [scores, weight, live, correction] → [loss].
 *
 * With s = scores − correction, N = Σ weight, log p = s − log Σ weight·e^s:
 * L_b = −(1 − N/(N−1)·ε) log p_b − ε/(N−1) Σ_n weight_n log p_n   (Hidasi 2018, arXiv:1706.03847, eq. 4; ε smoothing)
 *
 * @returns Σ L_b over live slots / batchSize, in nats; [1, 1].
 */
export function crossEntropy(
  graph: Graph,
  inputs: LossInputs,
  options: { batchSize: number; smoothing: number },
): Tensor {
  const { batchSize, smoothing } = options;
  const correction = inputs.correction ?? graph.constant(0, inputs.scores.rows, 1);
  const regionInputs = [inputs.scores, inputs.weight, inputs.live, correction];
  return lossRegion(
    graph,
    'cross-entropy',
    { batchSize, smoothing },
    regionInputs,
    (g, scores, weight, live, logq) => {
      const s = g.subtract(scores as Tensor, logq as Tensor);
      const { total, shift } = weightedExponentials(g, s, weight as Tensor);
      const logTotal = g.add(g.log(total), shift);
      const logTarget = g.subtract(g.diagonal(s), logTotal);
      let perSlot = g.affine(logTarget, -1, 0);
      if (smoothing > 0) {
        const count = g.sum(weight as Tensor, 0);
        const others = g.affine(count, 1, -1);
        const all = g.subtract(g.sum(g.multiply(s, weight as Tensor), 0), g.multiply(count, logTotal));
        const targetWeight = g.affine(g.divide(count, others), -smoothing, 1);
        const spread = g.multiply(all, g.divide(g.constant(smoothing), others));
        perSlot = g.affine(g.add(g.multiply(logTarget, targetWeight), spread), -1, 0);
      }
      return meanOverBatch(g, perSlot, live as Tensor, batchSize);
    },
  );
}
