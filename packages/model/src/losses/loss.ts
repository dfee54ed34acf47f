import type { Attributes, Graph, Tensor, TensorPerEntry } from '@gru4rec/program';
import { type Activation, activate } from '../programs/activations.ts';

/** Configuration keys that only some losses read. */
export type LossKey = 'finalAct' | 'bpreg' | 'smoothing' | 'logq' | 'temperature' | 'hardNegatives';

export interface Loss {
  /** Keys that it reads. With `finalAct`, models also score behind that activation; with `logq`, `correction` is set. */
  readonly reads: readonly LossKey[];
  /** Whether it leaves out the slot's own target, and so needs `own` where all items are scored. */
  readonly masksTarget: boolean;
  /** Appends the loss as one region; `differentiate` derives its gradient. @returns Σ over live slots / batchSize; [1, 1]. */
  readonly append: (graph: Graph, inputs: LossInputs, options: LossOptions) => Tensor;
}

export interface LossOptions {
  readonly batchSize: number;
  readonly finalAct: Activation;
  readonly bpreg: number;
  readonly smoothing: number;
  readonly temperature: number;
  readonly hardNegatives: number;
}

/**
 * Inputs of a loss: B slots, N columns, the first B of which are the slots' targets. Scores are stored transposed, [N, B], so
 * that kernels run over slots: scores[n, b] is the score of column n for slot b, and scores[b, b] is slot b's target.
 */
export interface LossInputs {
  readonly scores: Tensor;
  /** [N, 1]: how often a column counts, 0 for the target of a slot that has run out. */
  readonly weight: Tensor;
  /** [1, B]: 1 for live slots. */
  readonly live: Tensor;
  /** [N, 1]: logQ correction, subtracted from the scores; absent with `logq` 0. */
  readonly correction?: Tensor;
  /** [N, B]: 1 where a column is the slot's own target; absent where that is only the diagonal. */
  readonly own?: Tensor | undefined;
}

/** Replaces −∞ in a masked maximum: its own magnitude must survive float32 and leave score − NEVER finite. */
export const NEVER = 1e30;

/** A softmax over the columns that count (weight > 0), shifted by its maximum: [e, Σe], e [N, B], Σe [1, B]. */
export function weightedExponentials(
  graph: Graph,
  scores: Tensor,
  weight: Tensor,
): { exponentials: Tensor; total: Tensor; shift: Tensor } {
  const masked = graph.add(scores, graph.affine(graph.step(weight), NEVER, -NEVER));
  const shift = graph.stopGradient(graph.max(masked, 0));
  const exponentials = graph.multiply(graph.exp(graph.subtract(masked, shift)), weight);
  return { exponentials, total: graph.sum(exponentials, 0), shift };
}

/** w [N, B] of the `-max` losses: softmax of `scores` over the columns except each slot's own target. */
export function negativeSoftmax(graph: Graph, scores: Tensor, weight: Tensor, own?: Tensor): Tensor {
  const diagonal = (): Tensor => graph.fromDiagonal(graph.constant(1, 1, scores.cols), scores.rows);
  const others = graph.multiply(graph.affine(own ?? diagonal(), -1, 1), weight);
  const { exponentials, total } = weightedExponentials(graph, scores, others);
  return graph.divide(exponentials, total);
}

/** Σ over live slots, divided by the nominal batch size: [1, 1]. */
export function meanOverBatch(graph: Graph, perSlot: Tensor, live: Tensor, batchSize: number): Tensor {
  return graph.affine(graph.sum(graph.multiply(perSlot, live), 1), 1 / batchSize, 0);
}

export function lossRegion<const Inputs extends readonly Tensor[]>(
  graph: Graph,
  name: string,
  attributes: Attributes,
  inputs: Inputs,
  compose: (body: Graph, ...inputs: TensorPerEntry<Inputs>) => Tensor,
): Tensor {
  const [loss] = graph.region(name, attributes, inputs, (body, ...own) => [compose(body, ...own)]);
  return loss;
}

interface Compared {
  readonly s: Tensor;
  /** s of each slot's target, [1, B]. */
  readonly d: Tensor;
  readonly weight: Tensor;
  readonly own?: Tensor | undefined;
}

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
        const compared = { s, d: g.diagonal(s), weight: w, own: targets };
        return meanOverBatch(g, perSlot(g, compared, options), alive, batchSize);
      });
    },
  };
}
