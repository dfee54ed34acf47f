import { type Batch, checkSessionArrays, type SessionArrays, SessionParallelBatcher } from '@gru4rec/batcher';
import { checkHas } from '@gru4rec/checks';
import { JoinedParts, joinParts } from './joined-parts.ts';
import {
  checkEvaluate,
  cutoffsOf,
  type EvaluateAsyncOptions,
  type EvaluateOptions,
  type Reordering,
} from './options.ts';
import { type Plan, planPredictions } from './plan.ts';
import { applyTieRule, rankCountsOf, rankFromCounts, ranksTogether, type TieRule } from './rank.ts';
import { RankKeeper } from './ranks.ts';
import type { Ranker, RankingSession, Scorer, ScoringSession, TargetRanks } from './scorer.ts';
import { CutoffTally, type Evaluation, MeanPopularity, type PartSums } from './tally.ts';
import { type Scores, topItems } from './top-items.ts';

/** Whole vectors for each of up to eight threads: the wasm engine ranks 17 % more per second than with 100. */
const SLOTS = 128;

const TURN_MS = 50;

/** How many of the best items a `reorder` gets. */
const REORDERED = 200;

/** Evaluates sessions part by part, on one thread or on several, for `joinParts`. */
export class PartEvaluator {
  readonly #scorer: Scorer | Ranker;
  readonly #options: EvaluateOptions;
  #scoring: ScoringSession | RankingSession | undefined;
  #slots = 0;
  #predictions = 0;

  constructor(scorer: Scorer | Ranker, options: EvaluateOptions) {
    checkEvaluate(scorer, options);
    this.#scorer = scorer;
    this.#options = options;
  }

  /** Predicts the sessions of a part. @param sessions - whole ones, maybe none. Read only. */
  evaluate(sessions: SessionArrays): PartSums {
    const steps = this.steps(sessions);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** As `evaluate`, yielding after each step. */
  *steps(sessions: SessionArrays): Generator<undefined, PartSums, void> {
    checkSessionArrays('evaluate', sessions, this.#scorer.itemCount);
    const { protocol = 'next', warmUp = 1, keepRanks, metrics, onProgress, onRanks } = this.#options;
    const plan = planPredictions(sessions, { protocol, warmUp });
    const before = this.#predictions;
    this.#predictions += plan.predictions;
    const scoring = this.#scoringOf(plan.counts.length);
    const slots = this.#slots;
    const loop = new EvaluationLoop({ scorer: this.#scorer, plan, slots, options: this.#options });
    if (scoring) {
      const batcher = new SessionParallelBatcher({ ...plan.sessions, batchSize: slots, order: 'stored' });
      for (let batch = batcher.next(); batch !== undefined; batch = batcher.next()) {
        loop.take(batch, scoring);
        onProgress?.({ predictions: before + loop.predictions, total: this.#predictions });
        yield;
      }
    }
    const sums = loop.sums();
    if (sums.ranks) onRanks?.(sums.ranks);
    return keepRanks || metrics ? sums : { ...sums, ranks: undefined };
  }

  /** Closes the scorer. */
  close(): void {
    this.#scoring?.close();
    this.#scoring = undefined;
  }

  /** Opens slots for this number of sessions, or reuses those of an earlier part if they suffice. */
  #scoringOf(sessions: number): ScoringSession | RankingSession | undefined {
    if (sessions === 0) return undefined;
    const slots = Math.min(this.#options.slots ?? SLOTS, sessions);
    if (this.#scoring && slots <= this.#slots) return this.#scoring;
    this.close();
    this.#slots = slots;
    this.#scoring = this.#scorer.open(slots);
    return this.#scoring;
  }
}

/**
 * Predicts the clicks of test sessions and ranks the actual items among all items: every next event of every
 * session, unless the protocol or the warm-up says otherwise.
 *
 * Sessions with a prediction run in parallel slots, in the order given; the scorer is reset at the start of each. [events × items]
 * is never held. `rank` of the scorer is used where one target is ranked among all items: not with `excludeSeen` or `remaining`.
 * Lists break equal scores by ascending item index, ranks by the tie rule.
 * @param sessions - without events of items that the scorer does not know. Read only.
 * @example
 * const { recall, mrr } = figuresAt(evaluate(model.scorer(), test), 20);
 */
export function evaluate(scorer: Scorer, sessions: SessionArrays, options: EvaluateOptions = {}): Evaluation {
  const evaluator = new PartEvaluator(scorer, options);
  try {
    return joinParts([evaluator.evaluate(sessions)], options, scorer);
  } finally {
    evaluator.close();
  }
}

/**
 * Evaluates as {@link evaluate} does, without holding the thread for longer than 50 ms and a step of the scorer.
 *
 * Sessions may come in parts, such as the record batches of a file. Memory: one part (10 bytes per event, 24 per session and, per
 * cutoff, 8 per session and metric) and 2 bytes per item and cutoff. Over all parts, `bootstrap` keeps 8 bytes per session and, per
 * cutoff, 8 per session and metric; `keepRanks` keeps 24 bytes per prediction and 4 per session; both briefly twice at the end.
 * Without them nothing grows with the number of parts.
 * @param scorer - may be a {@link Ranker} if every prediction is one target among all items.
 * @param sessions - all sessions, or parts of whole sessions. A part must stay valid until the next one is requested; none is
 *   after an error. Read only.
 * @throws the reason of `signal`, and what `pause` throws.
 * @example
 * const signal = AbortSignal.timeout(60_000);
 * const evaluation = await evaluateAsync(model.scorer(), test, { cutoffs: [5, 20], signal });
 */
export async function evaluateAsync(
  scorer: Scorer | Ranker,
  sessions: SessionArrays | AsyncIterable<SessionArrays> | Iterable<SessionArrays>,
  options: EvaluateAsyncOptions = {},
): Promise<Evaluation> {
  checkHas('evaluateAsync', 'options', options, []);
  const { signal, pause = turns(), ...evaluating } = options;
  const evaluator = new PartEvaluator(scorer, evaluating);
  const joined = new JoinedParts(evaluating, scorer);
  try {
    for await (const part of 'items' in sessions ? [sessions] : sessions) {
      const steps = evaluator.steps(part);
      for (let step = steps.next(); ; step = steps.next()) {
        signal?.throwIfAborted();
        if (step.done) {
          joined.add(step.value);
          break;
        }
        const waiting = pause();
        if (waiting) await waiting;
      }
    }
  } finally {
    evaluator.close();
  }
  return joined.evaluation();
}

/**
 * Lets the event loop turn now and then in a loop that holds the thread.
 * @param turn - waits for a turn of the event loop.
 * @returns a function to call in each round: undefined, or, `everyMs` after the last turn, a promise to wait for. It calls `before`
 *   before that turn.
 */
export function turns(
  everyMs: number = TURN_MS,
  turn: () => Promise<void> = () => new Promise((resolve) => void setTimeout(resolve)),
): (before?: () => void) => Promise<void> | undefined {
  let turnedMs = performance.now();
  return (before) => {
    if (performance.now() - turnedMs < everyMs) return undefined;
    before?.();
    return turn().then(() => {
      turnedMs = performance.now();
    });
  };
}

interface EvaluationLoopOptions {
  readonly scorer: Scorer | Ranker;
  readonly plan: Plan;
  readonly slots: number;
  readonly options: EvaluateOptions;
}

/** One loop over the sessions of a plan: feeds the scorer, ranks the targets, adds up the outcomes. */
class EvaluationLoop {
  readonly #scorer: Scorer | Ranker;
  readonly #plan: Plan;
  readonly #excludeSeen: boolean;
  readonly #remaining: boolean;
  readonly #tieRule: TieRule;
  readonly #slots: SlotSessions;
  readonly #totals: OutcomeTotals;
  readonly #longest: number;
  readonly #reorder: Reordering | undefined;
  readonly #list: Int32Array;
  readonly #target: Int32Array = new Int32Array(1);
  readonly #rank: Float64Array = new Float64Array(1);

  constructor({ scorer, plan, slots, options }: EvaluationLoopOptions) {
    const { itemCount } = scorer;
    this.#scorer = scorer;
    this.#plan = plan;
    this.#excludeSeen = options.excludeSeen ?? false;
    this.#remaining = options.protocol === 'remaining';
    this.#tieRule = options.tieRule ?? 'standard';
    this.#slots = new SlotSessions(slots, plan.sessions.sessionOffsets);
    this.#totals = new OutcomeTotals(plan, options, itemCount);
    this.#longest = Math.max(...cutoffsOf(options));
    this.#reorder = options.reorder;
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
    const oneAmongAll = !this.#excludeSeen && !this.#remaining && !this.#reorder;
    if (oneAmongAll && scoring.rank) {
      this.#addTargetRanks(batch, scoring.rank(input, resetMask, target, this.#list.length, context));
    } else if ('step' in scoring) this.#addScores(batch, scoring.step(input, resetMask, context));
    else {
      throw new RangeError(
        `evaluate: expected no "excludeSeen", no "reorder" and another protocol than 'remaining' with ` +
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

  #predicts(batch: Batch, slot: number): boolean {
    if (batch.live[slot] === 0) return false;
    const event = this.#slots.enter(batch, slot);
    if (this.#excludeSeen) this.#slots.seenIn(slot).add(batch.input[slot]);
    return this.#plan.predicted[event] === 1;
  }

  #predictNext(slot: number, target: number, row: Scores): void {
    const seen = this.#slots.seenIn(slot);
    const counts = this.#ranked(() => rankCountsOf(row, target, seen));
    const list = this.#listOf(row, seen);
    const rank = this.#placeOf(target, applyTieRule(counts, this.#tieRule), list);
    this.#addOne(slot, target, { rank, equal: counts.equal, list });
  }

  #predictRemaining(slot: number, row: Scores): void {
    const seen = this.#slots.seenIn(slot);
    const targets = this.#targetsIn(slot);
    const list = this.#listOf(row, seen);
    const ranks = this.#ranked(() => ranksTogether(row, targets, this.#tieRule, seen)).map((rank, at) =>
      this.#placeOf(targets[at], rank, list),
    );
    const [session, position] = [this.#slots.sessionOf(slot), this.#slots.positionOf(slot)];
    this.#totals.add({ session, position, targets, ranks, equal: Number.NaN, list });
  }

  /** The remaining items of the slot's session, each once. */
  #targetsIn(slot: number): Int32Array {
    const { sessionOffsets, items } = this.#plan.sessions;
    const next = sessionOffsets[this.#slots.sessionOf(slot)] + this.#slots.positionOf(slot);
    return Int32Array.from(new Set(items.subarray(next, this.#slots.endOf(slot))));
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

  #listOf(row: Scores, seen: ReadonlySet<number>): Int32Array {
    if (this.#reorder) {
      const best = topItems(row, Math.max(REORDERED, this.#longest), seen);
      return this.#reorder(
        best,
        Float64Array.from(best, (item) => row[item]),
        this.#longest,
      );
    }
    return this.#list.length === 0 ? this.#list : topItems(row, this.#longest, seen);
  }

  /** The rank of a target, or, in a reordered list, its place. */
  #placeOf(target: number, rank: number, list: Int32Array): number {
    if (!this.#reorder) return rank;
    const place = list.indexOf(target);
    return place < 0 ? rank + this.#longest : place + 1;
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

interface Outcome {
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

class OutcomeTotals {
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
    const { support, lists = true, keepRanks, onRanks, metrics, tieRule = 'standard' } = options;
    const cutoffs = cutoffsOf(options);
    const vectors = lists ? options.vectors : undefined;
    this.#plan = plan;
    this.#tallies = cutoffs.map(
      (cutoff) => new CutoffTally(cutoff, itemCount, plan.counts.length, { support, vectors }),
    );
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
      counts: this.#plan.counts,
      cutoffs: this.#tallies.map((tally) => tally.sums()),
      targets: this.#targetPopularity?.sums,
      ties: { targets: this.predictions, tied: this.#tied, most: this.#most },
      ranks: this.#keeper?.ranks,
    };
  }
}

class SlotSessions {
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

  endOf(slot: number): number {
    return this.#sessionOffsets[this.#session[slot] + 1];
  }

  /** Items that the slot's session has seen. The caller adds to it; a new session clears it. */
  seenIn(slot: number): Set<number> {
    return this.#seen[slot];
  }
}
