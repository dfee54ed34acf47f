import { checkSessionArrays, type SessionArrays, SessionParallelBatcher } from '@gru4rec/batcher';
import { EvaluationLoop } from './evaluation-loop.ts';
import { checkEvaluate, type EvaluateOptions } from './options.ts';
import { Candidates, planPredictions } from './plan.ts';
import type { Ranker, RankingSession, Scorer, ScoringSession } from './scorer.ts';
import type { PartSums } from './tally.ts';

/** Whole vectors for each of up to eight threads: the wasm engine ranks 17 % more per second than with 100. */
const SLOTS = 128;

/**
 * Evaluates sessions part by part, on one thread or on several. `joinParts` joins the parts, in their order, to the
 * evaluation of all sessions.
 */
export class PartEvaluator {
  readonly #scorer: Scorer | Ranker;
  readonly #options: EvaluateOptions;
  readonly #candidates: Candidates | undefined;
  #scoring: ScoringSession | RankingSession | undefined;
  #slots = 0;
  #predictions = 0;

  constructor(scorer: Scorer | Ranker, options: EvaluateOptions) {
    checkEvaluate(scorer, options);
    this.#scorer = scorer;
    this.#options = options;
    this.#candidates = options.candidates && new Candidates(options.candidates, scorer.itemCount);
  }

  /**
   * Predicts the sessions of a part.
   *
   * @param sessions - whole ones, maybe none. Read only.
   */
  evaluate(sessions: SessionArrays): PartSums {
    const steps = this.steps(sessions);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /**
   * Predicts the sessions of a part, yielding after each step.
   *
   * @param sessions - as for `evaluate`.
   * @returns the sums after the last step.
   */
  *steps(sessions: SessionArrays): Generator<undefined, PartSums, void> {
    checkSessionArrays('evaluate', sessions, this.#scorer.itemCount);
    const { protocol = 'next', warmUp = 1, keepRanks, metrics, onProgress, onRanks } = this.#options;
    const plan = planPredictions(sessions, { protocol, warmUp, candidates: this.#candidates });
    const before = this.#predictions;
    this.#predictions += plan.predictions;
    const scoring = this.#scoringOf(plan.counts.length);
    const slots = this.#slots;
    const loop = new EvaluationLoop({
      scorer: this.#scorer,
      plan,
      candidates: this.#candidates,
      slots,
      options: this.#options,
    });
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
