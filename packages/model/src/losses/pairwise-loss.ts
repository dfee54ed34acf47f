import type { Graph, Tensor } from '@gru4rec/program';
import { type Activation, activate } from '../programs/activations.ts';
import { type LossInputs, lossRegion, meanOverBatch } from './loss.ts';

/** Constants of the losses that compare the target's score with every other. */
export interface PairwiseOptions {
  readonly batchSize: number;
  /** Applied to the scores before they are compared. */
  readonly finalAct: Activation;
}

/** What a pairwise loss computes from: s = finalAct(scores) [N, B], d [1, B] = the targets' s. */
export interface Compared {
  readonly s: Tensor;
  readonly d: Tensor;
  readonly weight: Tensor;
  /** As in `LossInputs`. */
  readonly own?: Tensor;
}

/**
 * A loss over the targets' and the other scores, as the region `name` [scores, weight, live, own?] → [loss].
 *
 * @param constants - of the loss, beside batch size and activation.
 * @param perSlot - the loss of each slot, [1, B].
 * @returns Σ over live slots / batchSize; [1, 1].
 */
export function pairwiseLoss(
  graph: Graph,
  inputs: LossInputs,
  {
    name,
    options,
    constants = {},
  }: { name: string; options: PairwiseOptions; constants?: Record<string, number> },
  perSlot: (g: Graph, compared: Compared) => Tensor,
): Tensor {
  const { batchSize, finalAct } = options;
  const { kind: activation, ...ofActivation } = finalAct;
  const attributes = { batchSize, activation, ...ofActivation, ...constants };
  const given = [inputs.scores, inputs.weight, inputs.live, ...(inputs.own ? [inputs.own] : [])];
  return lossRegion(graph, name, attributes, given, (g, scores, weight, live, own) => {
    const s = activate(g, scores as Tensor, finalAct);
    const compared = { s, d: g.diagonal(s), weight: weight as Tensor, ...(own ? { own } : {}) };
    return meanOverBatch(g, perSlot(g, compared), live as Tensor, batchSize);
  });
}
