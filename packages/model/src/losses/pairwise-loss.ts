import type { Graph, Tensor } from '@gru4rec/program';
import { activate } from '../programs/activations.ts';
import { type Loss, type LossOptions, lossRegion, meanOverBatch } from './loss.ts';

/** Operands of a pairwise loss. */
interface Compared {
  /** finalAct(scores), [N, B]. */
  readonly s: Tensor;
  /** s of each slot's target, [1, B]. */
  readonly d: Tensor;
  /** `weight` and `own` of `LossInputs`. */
  readonly weight: Tensor;
  readonly own?: Tensor;
}

/** What differs between the pairwise losses. */
interface PairwiseRule {
  /** Name of the region [scores, weight, live, own?] → [loss]. */
  readonly name: string;
  readonly masksTarget?: boolean;
  /** Constants that it reads besides `finalAct`; they become attributes of the region. */
  readonly constants?: readonly ('bpreg' | 'smoothing')[];
  /** @returns the loss of each slot, [1, B]. */
  readonly perSlot: (g: Graph, compared: Compared, options: LossOptions) => Tensor;
}

/** A loss that compares the score of each slot's target with all others, behind `finalAct`. */
export function pairwiseLoss({ name, masksTarget = false, constants = [], perSlot }: PairwiseRule): Loss {
  return {
    reads: ['finalAct', ...constants],
    masksTarget,
    append(graph, { scores, weight, live, own }, options) {
      const { batchSize, finalAct } = options;
      const read = Object.fromEntries(constants.map((key) => [key, options[key]]));
      const attributes = { batchSize, activation: finalAct.kind, ...finalAct.constants, ...read };
      const inputs = [scores, weight, live, ...(own ? [own] : [])] as const;
      return lossRegion(graph, name, attributes, inputs, (g, x, w, alive, targets) => {
        const s = activate(g, x, finalAct);
        const compared = { s, d: g.diagonal(s), weight: w, ...(targets ? { own: targets } : {}) };
        return meanOverBatch(g, perSlot(g, compared, options), alive, batchSize);
      });
    },
  };
}
