import type { Evaluation } from './evaluation.ts';
import type { EvaluateOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { MeanPopularity } from './popularity.ts';
import { RankKeeper } from './ranks.ts';
import { CutoffTally } from './tally.ts';

/** One prediction and how it came out. */
export interface Outcome {
  /** Number of the session among those predicted. */
  readonly session: number;
  /** Clicks of the session that were seen. */
  readonly position: number;
  /** Item indices, one or more, each once. Read only. */
  readonly targets: Int32Array;
  /** [targets] from 1, no two the same; Infinity for a target that was excluded. Read only. */
  readonly ranks: Float64Array;
  /** Items of the target's score, itself among them; NaN where there are several targets. */
  readonly equal: number;
  /** Item indices, best first, as many as the longest cutoff where there are so many. Read only. */
  readonly list: Int32Array;
}

/** The sums of an evaluation, and its ranks where they are kept. */
export class Ledger {
  predictions = 0;
  readonly #options: EvaluateOptions;
  readonly #plan: Plan;
  readonly #tallies: readonly CutoffTally[];
  readonly #targetPopularity: MeanPopularity | undefined;
  readonly #keeper: RankKeeper | undefined;
  #excludedTargets = 0;

  /** @param itemCount - I; `candidateCount` of them can be recommended. */
  constructor(plan: Plan, options: EvaluateOptions, itemCount: number, candidateCount: number) {
    const { support, cutoffs, keepRanks } = options;
    const tallyOptions = { itemCount, candidateCount, sessions: plan.counts.length, support };
    this.#options = options;
    this.#plan = plan;
    this.#tallies = cutoffs.map((cutoff) => new CutoffTally(cutoff, tallyOptions));
    this.#targetPopularity = support && new MeanPopularity(support);
    this.#keeper = keepRanks ? new RankKeeper(plan) : undefined;
  }

  /** Takes a prediction; those of one session by ascending position. Keeps nothing of what it is given. */
  add({ session, position, targets, ranks, equal, list }: Outcome): void {
    this.predictions++;
    for (let index = 0; index < ranks.length; index++) {
      if (ranks[index] === Number.POSITIVE_INFINITY) this.#excludedTargets++;
    }
    for (const tally of this.#tallies) tally.add(session, ranks, list);
    this.#targetPopularity?.add(targets);
    this.#keeper?.add({ session, position, target: targets[0], rank: ranks[0], equal });
  }

  evaluation(): Evaluation {
    const {
      bootstrap,
      excludeSeen = false,
      tieRule = 'standard',
      protocol = 'next',
      warmUp = 1,
    } = this.#options;
    const { counts, outsideTargets } = this.#plan;
    const totals = { counts, bootstrap, targetPopularity: this.#targetPopularity?.mean };
    return {
      predictions: this.predictions,
      sessions: counts.length,
      protocol,
      warmUp,
      tieRule,
      excludeSeen,
      excludedTargets: this.#excludedTargets,
      outsideTargets,
      results: this.#tallies.map((tally) => tally.result(totals)),
      ...(this.#keeper && { ranks: this.#keeper.ranks }),
    };
  }
}
