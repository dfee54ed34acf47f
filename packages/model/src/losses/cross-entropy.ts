import type { Graph, Tensor } from '@gru4rec/program';
import {
  type Loss,
  type LossInputs,
  type LossOptions,
  lossRegion,
  meanOverBatch,
  NEVER,
  weightedExponentials,
} from './loss.ts';

/**
 * Softmax cross-entropy over the columns in nats, as the region `cross-entropy`
 * [scores, weight, live, correction] → [loss].
 * With s = scores / τ − correction of the target and the hardest negatives, N = Σ weight, log p = s − log Σ weight·e^s:
 * L_b = −(1 − N/(N−1)·ε) log p_b − ε/(N−1) Σ_n weight_n log p_n   (Hidasi 2018, arXiv:1706.03847, eq. 4; ε smoothing)
 */
export const crossEntropy: Loss = {
  reads: ['smoothing', 'logq', 'temperature', 'hardNegatives'],
  masksTarget: false,
  append(graph, inputs, options) {
    const { weight, live } = inputs;
    const { batchSize, smoothing } = options;
    const scores = comparedScores(graph, inputs, options);
    const correction = inputs.correction ?? graph.constant(0, scores.rows, 1);
    const regionInputs = [scores, weight, live, correction] as const;
    return lossRegion(
      graph,
      'cross-entropy',
      { batchSize, smoothing },
      regionInputs,
      (g, x, w, alive, logq) => {
        const s = g.subtract(x, logq);
        return meanOverBatch(g, lossPerSlot(g, s, w, smoothing), alive, batchSize);
      },
    );
  },
};

/** Outside of the region, so that engines with a kernel for it use it in any case. */
function comparedScores(
  g: Graph,
  { scores, weight }: LossInputs,
  { temperature, hardNegatives }: LossOptions,
): Tensor {
  const seen = hardNegatives > 0 ? onlyHardest(g, { scores, weight }, hardNegatives) : scores;
  return temperature === 1 ? seen : g.affine(seen, 1 / temperature, 0);
}

function lossPerSlot(g: Graph, s: Tensor, weight: Tensor, smoothing: number): Tensor {
  const { total, shift } = weightedExponentials(g, s, weight);
  const logTotal = g.add(g.log(total), shift);
  const logTarget = g.subtract(g.diagonal(s), logTotal);
  if (smoothing === 0) return g.affine(logTarget, -1, 0);
  const count = g.sum(weight, 0);
  const others = g.affine(count, 1, -1);
  const all = g.subtract(g.sum(g.multiply(s, weight), 0), g.multiply(count, logTotal));
  const targetWeight = g.affine(g.divide(count, others), -smoothing, 1);
  const spread = g.multiply(all, g.divide(g.constant(smoothing), others));
  return g.affine(g.add(g.multiply(logTarget, targetWeight), spread), -1, 0);
}

/**
 * Scores [N, B] with those of all but each slot's target and its hardest negatives lowered by 2e30, so that their share of a
 * softmax is 0. The hardest negatives are the `most` greatest scores of the other columns that count (weight > 0), and all
 * scores that equal the last of these; all columns if there are no more than `most`.
 */
function onlyHardest(
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
