import { checkSessionArrays, type SessionArrays, SessionParallelBatcher } from '@gru4rec/batcher';
import { EvaluationLoop } from './evaluation-loop.ts';
import { JoinedParts, joinParts } from './joined-parts.ts';
import { checkEvaluate, type EvaluateOptions } from './options.ts';
import { Candidates, planPredictions } from './plan.ts';
import type { Ranker, RankingSession, Scorer, ScoringSession } from './scorer.ts';
import type { Evaluation, PartSums } from './tally.ts';

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

/**
 * Predicts the clicks of test sessions and ranks the actual items among all items or all candidates: every next event of every
 * session, unless the protocol or the warm-up says otherwise.
 *
 * Sessions with a prediction run in parallel slots, in the order given; the scorer is reset at the start of each. Each row of
 * scores is ranked and discarded, so [events × items] is never held. `rank` of the scorer is used where one target is ranked
 * among all items: not with `excludeSeen`, `candidates` or `remaining`. Lists break equal scores by ascending item index, ranks
 * by the tie rule.
 * @param sessions - without events of items that the scorer does not know. Read only.
 */
export function evaluate(scorer: Scorer, sessions: SessionArrays, options: EvaluateOptions): Evaluation {
  const evaluator = new PartEvaluator(scorer, options);
  try {
    return joinParts([evaluator.evaluate(sessions)], options, scorer);
  } finally {
    evaluator.close();
  }
}

/**
 * Evaluates as {@link evaluate} does, with a pause after each step of the scorer.
 * @param scorer - may be a {@link Ranker} if every prediction is one target among all items.
 * @param options - those of `evaluate`, and `pause`: its promise is awaited, and its errors end the evaluation.
 */
export async function evaluateWithPauses(
  scorer: Scorer | Ranker,
  sessions: SessionArrays,
  { pause, ...options }: EvaluateOptions & { readonly pause: () => Promise<void> | undefined },
): Promise<Evaluation> {
  const evaluator = new PartEvaluator(scorer, options);
  try {
    const steps = evaluator.steps(sessions);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return joinParts([value], options, scorer);
      const waiting = pause();
      if (waiting) await waiting;
    }
  } finally {
    evaluator.close();
  }
}

/**
 * Evaluates sessions part by part, such as the record batches of a file, with the figures and ranks of {@link evaluate} on all of
 * them.
 *
 * Memory: one part (10 bytes per event, 24 per session and, per cutoff, 8 per session and metric) and 2 bytes per item and
 * cutoff. Over all parts, `bootstrap` keeps 8 bytes per session and, per cutoff, 8 per session and metric; `keepRanks` keeps 24
 * bytes per prediction and 4 per session; both briefly twice at the end. Without them nothing grows with the number of parts.
 * @param parts - whole sessions. A part must stay valid until the next one is requested; none is after an error. Read only.
 */
export async function evaluateParts(
  scorer: Scorer,
  parts: AsyncIterable<SessionArrays> | Iterable<SessionArrays>,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const evaluator = new PartEvaluator(scorer, options);
  const joined = new JoinedParts(options, scorer);
  try {
    for await (const part of parts) joined.add(evaluator.evaluate(part));
  } finally {
    evaluator.close();
  }
  return joined.evaluation();
}
