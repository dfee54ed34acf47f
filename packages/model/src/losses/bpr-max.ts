import type { Graph, Tensor } from '@gru4rec/program';
import { type Activation, activate } from '../activations.ts';
import { type LossInputs, lossRegion, meanOverBatch, weightedExponentials } from './loss.ts';

/** Inside the logarithm, as the reference has it. */
const EPSILON = 1e-24;

/**
 * BPR-max with score regularisation, as the region `bpr-max` [scores, weight, live] → [loss].
 *
 * With s = finalAct(scores), w = softmax of s over the columns except the slot's own, d = s_bb:
 * L_b = −log(Σ_n w_n σ(d − s_n) + 1e-24) + bpreg Σ_n w_n s_n²        (Hidasi 2018, arXiv:1706.03847, eq. 10–11)
 *
 * @returns Σ L_b over live slots / batchSize; [1, 1].
 */
export function bprMax(
  graph: Graph,
  inputs: LossInputs,
  options: { batchSize: number; bpreg: number; finalAct: Activation },
): Tensor {
  const { batchSize, bpreg, finalAct } = options;
  const attributes = { batchSize, bpreg, activation: finalAct.kind, ...finalAct };
  const regionInputs = [inputs.scores, inputs.weight, inputs.live];
  return lossRegion(graph, 'bpr-max', attributes, regionInputs, (g, scores, weight, live) => {
    const s = activate(g, scores as Tensor, finalAct);
    const own = g.fromDiagonal(g.constant(1, 1, s.cols), s.rows);
    const others = g.multiply(g.affine(own, -1, 1), weight as Tensor);
    const { exponentials, total } = weightedExponentials(g, s, others);
    const w = g.divide(exponentials, total);
    const wins = g.sigmoid(g.subtract(g.diagonal(s), s));
    const rank = g.log(g.affine(g.sum(g.multiply(w, wins), 0), 1, EPSILON));
    const penalty = g.sum(g.multiply(w, g.multiply(s, s)), 0);
    return meanOverBatch(g, g.subtract(g.affine(penalty, bpreg, 0), rank), live as Tensor, batchSize);
  });
}
