import { type Batch, SessionParallelBatcher } from '@gru4rec/batcher';
import { checkEvaluate, type EvaluateOptions, type TestSessions } from './options.ts';
import { rankOf, type TieRule } from './rank.ts';
import type { Scorer } from './scorer.ts';
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

/**
 * Predicts every next event of every test session and compares with what came, against all items.
 *
 * Sessions of two or more events run side by side in slots, in the order given, the scorer reset at the start of
 * each; every row of scores is ranked and forgotten, so [events × items] is never held. Lists break equal scores
 * by ascending item index; ranks do so by the tie rule.
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
  const slots = Math.min(options.slots ?? 100, predicted);
  const batcher = new SessionParallelBatcher({ ...sessions, batchSize: slots, order: 'stored' });
  const walk = new Walk(scorer, slots, predicted, options);
  const scoring = scorer.open(slots);
  try {
    for (let batch = batcher.next(); batch !== undefined; batch = batcher.next()) {
      walk.add(batch, scoring.step(batch.input, batch.resetMask));
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
    this.#counts = new Float64Array(sessions);
    this.#sessionOfSlot = new Int32Array(slots);
    this.#seen = Array.from({ length: slots }, () => new Set());
  }

  add(batch: Batch, scores: Float32Array | Float64Array): void {
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
    const rank = this.#rank(row, target, seen);
    const list = topItems(row, this.#longest, seen);
    const session = this.#sessionOfSlot[slot];
    if (seen.has(target)) this.#excludedTargets++;
    this.#counts[session]++;
    this.predictions++;
    for (const tally of this.#tallies) tally.add(session, rank, list);
  }

  #rank(row: Float32Array | Float64Array, target: number, seen: ReadonlySet<number>): number {
    try {
      return rankOf(row, target, this.#tieRule, seen);
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
