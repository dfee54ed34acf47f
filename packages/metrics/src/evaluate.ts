import { type Batch, SessionParallelBatcher } from '@gru4rec/batcher';
import { checkEvaluate, type EvaluateOptions, type TestSessions } from './options.ts';
import { rankFromCounts, rankOf, type TieRule } from './rank.ts';
import type { Scorer, ScoringSession, Standings } from './scorer.ts';
import { type CutoffResult, CutoffTally } from './tally.ts';
import { topItems } from './top-items.ts';

/** What an evaluation found. */
export interface Evaluation {
  /** Positions predicted: each event of a session but the first. */
  readonly predictions: number;
  /** Sessions of two or more events. */
  readonly sessions: number;
  readonly tieRule: TieRule;
  readonly excludeSeen: boolean;
  /** Predictions whose target was left out as seen, and so missed; 0 unless `excludeSeen`. */
  readonly excludedTargets: number;
  /** In the order of the cutoffs. */
  readonly results: readonly CutoffResult[];
}

/** Whole vectors for each of up to eight threads: the wasm engine ranks 17 % more a second than with 100. */
const SLOTS = 128;

/**
 * Predicts every next event of every test session and compares with what came, against all items.
 *
 * Sessions of two or more events run side by side in slots, in the order given, the scorer reset at the start of
 * each; every row of scores is ranked and forgotten, so [events × items] is never held. A scorer that ranks by itself
 * does so unless seen items are excluded. Lists break equal scores by ascending item index; ranks do so by the tie rule.
 *
 * @param sessions - read only; events of items that the scorer does not know must have been left out.
 * @throws TypeError, RangeError if an argument is wrong, no session has two events, or a score is NaN.
 */
export function evaluate(scorer: Scorer, sessions: TestSessions, options: EvaluateOptions): Evaluation {
  checkEvaluate(scorer, sessions, options);
  const predicted = countPredictable(sessions.sessionOffsets);
  if (predicted === 0) {
    throw new RangeError('evaluate: "sessions" expected a session of two or more events, got none.');
  }
  const slots = Math.min(options.slots ?? SLOTS, predicted);
  const batcher = new SessionParallelBatcher({ ...sessions, batchSize: slots, order: 'stored' });
  const walk = new Walk(scorer, slots, predicted, options);
  const scoring = scorer.open(slots);
  try {
    for (let batch = batcher.next(); batch !== undefined; batch = batcher.next()) {
      walk.take(batch, scoring);
      options.onProgress?.({ predictions: walk.predictions, total: batcher.eventsPerEpoch });
    }
  } finally {
    scoring.close();
  }
  return walk.evaluation();
}

/** The state of one evaluation: which session runs in each slot, what it has seen, and the sums so far. */
class Walk {
  predictions = 0;
  readonly #scorer: Scorer;
  readonly #tieRule: TieRule;
  readonly #options: EvaluateOptions;
  readonly #tallies: readonly CutoffTally[];
  readonly #longest: number;
  readonly #list: Int32Array;
  readonly #counts: Float64Array;
  readonly #sessionOfSlot: Int32Array;
  readonly #seen: readonly Set<number>[];
  #started = 0;
  #excludedTargets = 0;

  constructor(scorer: Scorer, slots: number, sessions: number, options: EvaluateOptions) {
    const tallyOptions = { itemCount: scorer.itemCount, sessions, support: options.support };
    this.#scorer = scorer;
    this.#tieRule = options.tieRule ?? 'standard';
    this.#options = options;
    this.#tallies = options.cutoffs.map((cutoff) => new CutoffTally(cutoff, tallyOptions));
    this.#longest = Math.max(...options.cutoffs);
    this.#list = new Int32Array(Math.min(this.#longest, scorer.itemCount));
    this.#counts = new Float64Array(sessions);
    this.#sessionOfSlot = new Int32Array(slots);
    this.#seen = Array.from({ length: slots }, () => new Set());
  }

  /** Feeds a batch and adds its predictions, from standings where the scorer gives them and nothing is excluded. */
  take(batch: Batch, scoring: ScoringSession): void {
    const { input, resetMask, target } = batch;
    if (this.#options.excludeSeen || !scoring.rank) this.#addScores(batch, scoring.step(input, resetMask));
    else this.#addStandings(batch, scoring.rank(input, resetMask, target, this.#list.length));
  }

  #addStandings(batch: Batch, { better, equal, top }: Standings): void {
    const slots = batch.live.length;
    this.#checkStandings(slots, { better, equal, top });
    const list = this.#list;
    for (let slot = 0; slot < slots; slot++) {
      if (batch.live[slot] === 0) continue;
      this.#enter(slot, batch.input[slot], batch.resetMask[slot] === 1);
      const rank = this.#ranked(() => rankFromCounts(better[slot], equal[slot], this.#tieRule));
      for (let place = 0; place < list.length; place++) list[place] = top[place * slots + slot];
      this.#add(slot, rank, list);
    }
  }

  #checkStandings(slots: number, { better, equal, top }: Standings): void {
    const places = slots * this.#list.length;
    if (better.length === slots && equal.length === slots && top.length === places) return;
    throw new RangeError(
      `evaluate: standings of ${this.#scorer.name} expected ${slots}, ${slots} and ${places} numbers, ` +
        `got ${better.length}, ${equal.length} and ${top.length}.`,
    );
  }

  #addScores(batch: Batch, scores: Float32Array | Float64Array): void {
    const { itemCount, name } = this.#scorer;
    const slots = batch.live.length;
    if (scores.length !== slots * itemCount) {
      throw new RangeError(
        `evaluate: scores of ${name} expected ${slots} × ${itemCount} numbers, got ${scores.length}.`,
      );
    }
    for (let slot = 0; slot < slots; slot++) {
      if (batch.live[slot] === 0) continue;
      this.#enter(slot, batch.input[slot], batch.resetMask[slot] === 1);
      this.#predict(slot, batch.target[slot], scores.subarray(slot * itemCount, (slot + 1) * itemCount));
    }
  }

  evaluation(): Evaluation {
    const { bootstrap, excludeSeen = false } = this.#options;
    return {
      predictions: this.predictions,
      sessions: this.#counts.length,
      tieRule: this.#tieRule,
      excludeSeen,
      excludedTargets: this.#excludedTargets,
      results: this.#tallies.map((tally) => tally.result(this.#counts, bootstrap)),
    };
  }

  #enter(slot: number, input: number, starts: boolean): void {
    if (starts) {
      // Slots take sessions in ascending order, so the number of starts is the number of the session.
      this.#sessionOfSlot[slot] = this.#started++;
      this.#seen[slot].clear();
    }
    if (this.#options.excludeSeen) this.#seen[slot].add(input);
  }

  #predict(slot: number, target: number, row: Float32Array | Float64Array): void {
    const seen = this.#seen[slot];
    const rank = this.#ranked(() => rankOf(row, target, this.#tieRule, seen));
    if (seen.has(target)) this.#excludedTargets++;
    this.#add(slot, rank, topItems(row, this.#longest, seen));
  }

  #add(slot: number, rank: number, list: Int32Array): void {
    const session = this.#sessionOfSlot[slot];
    this.#counts[session]++;
    this.predictions++;
    for (const tally of this.#tallies) tally.add(session, rank, list);
  }

  #ranked(rank: () => number): number {
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

function countPredictable(sessionOffsets: Int32Array): number {
  let sessions = 0;
  for (let session = 1; session < sessionOffsets.length; session++) {
    if (sessionOffsets[session] - sessionOffsets[session - 1] >= 2) sessions++;
  }
  return sessions;
}
