import { metrics } from './metrics/registry.ts';
import type { Ranks } from './ranks.ts';

/** Recall and MRR of some of the predictions. */
export interface TargetFigures {
  readonly predictions: number;
  /** In the order of the cutoffs; none without predictions. */
  readonly results: readonly { readonly cutoff: number; readonly recall: number; readonly mrr: number }[];
}

/** Figures of the targets with training events, and of those without. */
export interface WarmAndCold {
  readonly warm: TargetFigures;
  readonly cold: TargetFigures;
}

/** Recall and MRR of groups of targets. Ranks are added in parts; the figures are those of one part. */
export class TargetSums {
  readonly #cutoffs: readonly number[];
  readonly #groupOf: (ranks: Ranks, prediction: number) => number;
  /** By group: the predictions, and recall and MRR per cutoff. */
  readonly #groups: readonly {
    predictions: number;
    readonly sums: readonly { recall: number; mrr: number }[];
  }[];

  /**
   * @param groups - their number.
   * @param groupOf - the group of a prediction, from 0; −1 for one that is left out.
   */
  constructor(
    cutoffs: readonly number[],
    groups: number,
    groupOf: (ranks: Ranks, prediction: number) => number,
  ) {
    this.#cutoffs = cutoffs;
    this.#groupOf = groupOf;
    const empty = () => ({ predictions: 0, sums: cutoffs.map(() => ({ recall: 0, mrr: 0 })) });
    this.#groups = Array.from({ length: groups }, empty);
  }

  /** Adds predictions, in order. */
  add(ranks: Ranks): void {
    const { rank } = ranks;
    const one = new Float64Array(1);
    for (let prediction = 0; prediction < rank.length; prediction++) {
      const at = this.#groupOf(ranks, prediction);
      if (at < 0) continue;
      one[0] = rank[prediction];
      const group = this.#groups[at];
      group.predictions++;
      for (let place = 0; place < this.#cutoffs.length; place++) {
        group.sums[place].recall += metrics.recall.of(one, this.#cutoffs[place]);
        group.sums[place].mrr += metrics.mrr.of(one, this.#cutoffs[place]);
      }
    }
  }

  /** The figures of each group (fresh). */
  get figures(): TargetFigures[] {
    return this.#groups.map(({ predictions, sums }) => {
      const meansAt = ({ recall, mrr }: { recall: number; mrr: number }, at: number) => ({
        ...{ cutoff: this.#cutoffs[at], recall: recall / predictions, mrr: mrr / predictions },
      });
      return { predictions, results: predictions === 0 ? [] : sums.map(meansAt) };
    });
  }
}

/**
 * Sums of two groups: the warm targets, which occur in training, and the cold ones, which have support 0.
 *
 * @param support - [I] training events per item. Read only, kept.
 */
export function warmAndColdSums(cutoffs: readonly number[], support: ArrayLike<number>): TargetSums {
  return new TargetSums(cutoffs, 2, ({ target }, at) => (support[target[at]] > 0 ? 0 : 1));
}
