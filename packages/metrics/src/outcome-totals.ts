import type { EvaluateOptions } from './options.ts';
import type { PartSums } from './part-sums.ts';
import type { Plan } from './plan.ts';
import { MeanPopularity } from './popularity.ts';
import type { TieRule } from './rank.ts';
import { RankKeeper } from './ranks.ts';
import { CutoffTally } from './tally.ts';

/** One prediction and the ranks of its targets. */
export interface Outcome {
  /** Number of the session among those predicted. */
  readonly session: number;
  /** Clicks of the session that were seen. */
  readonly position: number;
  /** Item indices, one or more, each once. Read only. */
  readonly targets: Int32Array;
  /** [targets] from 1, no two the same; Infinity for a target that was excluded. Read only. */
  readonly ranks: Float64Array;
  /** Items with the target's score, including the target; NaN with several targets. */
  readonly equal: number;
  /** Item indices, best first, as many as the longest cutoff or all; empty without lists. Read only. */
  readonly list: Int32Array;
}

/** The sums of a part, and its ranks if they are kept. */
export class OutcomeTotals {
  predictions = 0;
  readonly #plan: Plan;
  readonly #tallies: readonly CutoffTally[];
  readonly #targetPopularity: MeanPopularity | undefined;
  readonly #keeper: RankKeeper | undefined;
  readonly #tieRule: TieRule;
  readonly #longest: number;
  #excludedTargets = 0;
  #tied = 0;
  #most = 0;

  /** @param itemCount - I. */
  constructor(plan: Plan, options: EvaluateOptions, itemCount: number) {
    const { support, embeddings, cutoffs, keepRanks, onRanks, metrics, tieRule = 'standard' } = options;
    const tallyOptions = { itemCount, sessions: plan.counts.length, support, embeddings };
    this.#plan = plan;
    this.#tallies = cutoffs.map((cutoff) => new CutoffTally(cutoff, tallyOptions));
    this.#targetPopularity = support && new MeanPopularity(support);
    this.#keeper = keepRanks || onRanks || metrics ? new RankKeeper(plan) : undefined;
    this.#tieRule = tieRule;
    this.#longest = Math.max(...cutoffs);
  }

  /** Adds a prediction; the predictions of a session come by ascending position. Copies what it keeps. */
  add({ session, position, targets, ranks, equal, list }: Outcome): void {
    this.predictions++;
    for (let index = 0; index < ranks.length; index++) {
      if (ranks[index] === Number.POSITIVE_INFINITY) this.#excludedTargets++;
    }
    for (const tally of this.#tallies) tally.add(session, ranks, list);
    this.#countTie(ranks[0], equal);
    this.#targetPopularity?.add(targets);
    this.#keeper?.add({ session, position, target: targets[0], rank: ranks[0], equal });
  }

  #countTie(rank: number, equal: number): void {
    if (!(equal > 1)) return;
    const ahead = { standard: 0, median: (equal - 1) / 2, conservative: equal - 1 }[this.#tieRule];
    if (rank - ahead > this.#longest) return;
    this.#tied++;
    this.#most = Math.max(this.#most, equal);
  }

  sums(): PartSums {
    return {
      predictions: this.predictions,
      excludedTargets: this.#excludedTargets,
      outsideTargets: this.#plan.outsideTargets,
      counts: this.#plan.counts,
      cutoffs: this.#tallies.map((tally) => tally.sums()),
      targets: this.#targetPopularity?.sums,
      ties: { targets: this.predictions, tied: this.#tied, most: this.#most },
      ranks: this.#keeper?.ranks,
    };
  }
}
