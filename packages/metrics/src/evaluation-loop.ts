import type { Batch } from '@gru4rec/batcher';
import { MeanPopularity } from './list-figures.ts';
import type { EvaluateOptions } from './options.ts';
import type { Candidates, Plan } from './plan.ts';
import { applyTieRule, rankCountsOf, rankFromCounts, ranksTogether, type TieRule } from './rank.ts';
import { RankKeeper } from './ranks.ts';
import type { Ranker, RankingSession, Scorer, ScoringSession, TargetRanks } from './scorer.ts';
import { CutoffTally, type PartSums } from './tally.ts';
import { type Scores, topItems } from './top-items.ts';

export interface EvaluationLoopOptions {
  readonly scorer: Scorer | Ranker;
  readonly plan: Plan;
  readonly candidates: Candidates | undefined;
  readonly slots: number;
  readonly options: EvaluateOptions;
}

/** One loop over the sessions of a plan: feeds the scorer, ranks the targets, adds up the outcomes. */
export class EvaluationLoop {
  readonly #scorer: Scorer | Ranker;
  readonly #plan: Plan;
  readonly #candidates: Candidates | undefined;
  readonly #excludeSeen: boolean;
  readonly #remaining: boolean;
  readonly #tieRule: TieRule;
  readonly #slots: SlotSessions;
  readonly #totals: OutcomeTotals;
  readonly #longest: number;
  readonly #list: Int32Array;
  readonly #target: Int32Array = new Int32Array(1);
  readonly #rank: Float64Array = new Float64Array(1);

  constructor({ scorer, plan, candidates, slots, options }: EvaluationLoopOptions) {
    const { itemCount } = scorer;
    this.#scorer = scorer;
    this.#plan = plan;
    this.#candidates = candidates;
    this.#excludeSeen = options.excludeSeen ?? false;
    this.#remaining = options.protocol === 'remaining';
    this.#tieRule = options.tieRule ?? 'standard';
    this.#slots = new SlotSessions(slots, plan.sessions.sessionOffsets);
    this.#totals = new OutcomeTotals(plan, options, itemCount);
    this.#longest = Math.max(...options.cutoffs);
    this.#list = new Int32Array(options.lists === false ? 0 : Math.min(this.#longest, itemCount));
  }

  get predictions(): number {
    return this.#totals.predictions;
  }

  sums(): PartSums {
    return this.#totals.sums();
  }

  /** Feeds a batch and adds its predictions, by `rank` of the scorer where one target is ranked among all items. */
  take(batch: Batch, scoring: ScoringSession | RankingSession): void {
    const { input, resetMask, target, context } = batch;
    const oneAmongAll = !this.#excludeSeen && !this.#remaining && this.#candidates === undefined;
    if (oneAmongAll && scoring.rank) {
      this.#addTargetRanks(batch, scoring.rank(input, resetMask, target, this.#list.length, context));
    } else if ('step' in scoring) this.#addScores(batch, scoring.step(input, resetMask, context));
    else {
      throw new RangeError(
        `evaluate: expected no "candidates", no "excludeSeen" and another protocol than 'remaining' with ` +
          `${this.#scorer.name}, which ranks each target among all items and gives no scores.`,
      );
    }
  }

  #addTargetRanks(batch: Batch, { better, equal, top }: TargetRanks): void {
    const slots = batch.live.length;
    this.#checkTargetRanks(slots, { better, equal, top });
    const list = this.#list;
    for (let slot = 0; slot < slots; slot++) {
      if (!this.#predicts(batch, slot)) continue;
      const rank = this.#ranked(() => rankFromCounts(better[slot], equal[slot], this.#tieRule));
      for (let place = 0; place < list.length; place++) list[place] = top[place * slots + slot];
      this.#addOne(slot, batch.target[slot], { rank, equal: equal[slot], list });
    }
  }

  #checkTargetRanks(slots: number, { better, equal, top }: TargetRanks): void {
    const places = slots * this.#list.length;
    if (better.length === slots && equal.length === slots && top.length === places) return;
    throw new RangeError(
      `evaluate: ranks of ${this.#scorer.name} expected ${slots}, ${slots} and ${places} numbers, ` +
        `got ${better.length}, ${equal.length} and ${top.length}.`,
    );
  }

  #addScores(batch: Batch, scores: Scores): void {
    const { itemCount, name } = this.#scorer;
    const slots = batch.live.length;
    if (scores.length !== slots * itemCount) {
      throw new RangeError(
        `evaluate: scores of ${name} expected ${slots} × ${itemCount} numbers, got ${scores.length}.`,
      );
    }
    for (let slot = 0; slot < slots; slot++) {
      if (!this.#predicts(batch, slot)) continue;
      const row = scores.subarray(slot * itemCount, (slot + 1) * itemCount);
      if (this.#remaining) this.#predictRemaining(slot, row);
      else this.#predictNext(slot, batch.target[slot], row);
    }
  }

  /** Advances the slot by its event. @returns whether something is predicted after it. */
  #predicts(batch: Batch, slot: number): boolean {
    if (batch.live[slot] === 0) return false;
    const event = this.#slots.enter(batch, slot);
    const column = this.#columnOf(batch.input[slot]);
    if (this.#excludeSeen && column >= 0) this.#slots.seenIn(slot).add(column);
    return this.#plan.predicted[event] === 1;
  }

  #predictNext(slot: number, target: number, row: Scores): void {
    const seen = this.#slots.seenIn(slot);
    const columns = this.#columnsOf(row);
    const counts = this.#ranked(() => rankCountsOf(columns, this.#columnOf(target), seen));
    const rank = applyTieRule(counts, this.#tieRule);
    this.#addOne(slot, target, { rank, equal: counts.equal, list: this.#listOf(columns, seen) });
  }

  #predictRemaining(slot: number, row: Scores): void {
    const seen = this.#slots.seenIn(slot);
    const columns = this.#columnsOf(row);
    const targets = this.#targetsIn(slot);
    const wanted = targets.map((target) => this.#columnOf(target));
    const ranks = this.#ranked(() => ranksTogether(columns, wanted, this.#tieRule, seen));
    const [session, position] = [this.#slots.sessionOf(slot), this.#slots.positionOf(slot)];
    const list = this.#listOf(columns, seen);
    this.#totals.add({ session, position, targets, ranks, equal: Number.NaN, list });
  }

  /** The remaining items of the slot's session that can be recommended, each once. */
  #targetsIn(slot: number): Int32Array {
    const { sessionOffsets, items } = this.#plan.sessions;
    const next = sessionOffsets[this.#slots.sessionOf(slot)] + this.#slots.positionOf(slot);
    const toCome = Int32Array.from(new Set(items.subarray(next, this.#slots.endOf(slot))));
    return toCome.filter((item) => this.#columnOf(item) >= 0);
  }

  #addOne(
    slot: number,
    target: number,
    { rank, equal, list }: { rank: number; equal: number; list: Int32Array },
  ): void {
    this.#target[0] = target;
    this.#rank[0] = rank;
    const [session, position] = [this.#slots.sessionOf(slot), this.#slots.positionOf(slot)];
    this.#totals.add({ session, position, targets: this.#target, ranks: this.#rank, equal, list });
  }

  #listOf(columns: Scores, seen: ReadonlySet<number>): Int32Array {
    if (this.#list.length === 0) return this.#list;
    const list = topItems(columns, this.#longest, seen);
    const items = this.#candidates?.items;
    return items ? list.map((column) => items[column]) : list;
  }

  #columnOf(item: number): number {
    return this.#candidates ? this.#candidates.columnOf(item) : item;
  }

  #columnsOf(row: Scores): Scores {
    const candidates = this.#candidates;
    return candidates ? this.#ranked(() => candidates.pick(row)) : row;
  }

  #ranked<Result>(rank: () => Result): Result {
    try {
      return rank();
    } catch (error) {
      const cause = (error as Error).message;
      throw new RangeError(
        `evaluate: ${this.#scorer.name} cannot be ranked after ${this.predictions} predictions. ${cause}`,
        { cause: error },
      );
    }
  }
}

export interface Outcome {
  readonly session: number;
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

export class SlotSessions {
  readonly #sessionOffsets: Int32Array;
  readonly #session: Float64Array;
  readonly #event: Int32Array;
  readonly #seen: readonly Set<number>[];

  constructor(slots: number, sessionOffsets: Int32Array) {
    this.#sessionOffsets = sessionOffsets;
    this.#session = new Float64Array(slots);
    this.#event = new Int32Array(slots);
    this.#seen = Array.from({ length: slots }, () => new Set());
  }

  /** Advances a live slot by one event, whose index it returns. */
  enter({ session, resetMask }: Batch, slot: number): number {
    if (resetMask[slot] === 0) return ++this.#event[slot];
    this.#session[slot] = session[slot];
    this.#seen[slot].clear();
    this.#event[slot] = this.#sessionOffsets[session[slot]];
    return this.#event[slot];
  }

  sessionOf(slot: number): number {
    return this.#session[slot];
  }

  positionOf(slot: number): number {
    return this.#event[slot] - this.#sessionOffsets[this.#session[slot]] + 1;
  }

  /** Index after the last event of the slot's session. */
  endOf(slot: number): number {
    return this.#sessionOffsets[this.#session[slot] + 1];
  }

  /** Items that the slot's session has seen. The caller adds to it; a new session clears it. */
  seenIn(slot: number): Set<number> {
    return this.#seen[slot];
  }
}
