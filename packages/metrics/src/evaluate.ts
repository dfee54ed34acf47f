import { SessionParallelBatcher } from '@gru4rec/batcher';
import { Candidates } from './candidates.ts';
import type { Evaluation } from './evaluation.ts';
import { checkEvaluate, type EvaluateOptions, type TestSessions } from './options.ts';
import { planPredictions } from './plan.ts';
import type { Scorer } from './scorer.ts';
import { Walk } from './walk.ts';

/** Whole vectors for each of up to eight threads: the wasm engine ranks 17 % more a second than with 100. */
const SLOTS = 128;

/**
 * Predicts the clicks of test sessions and compares with what came, against all items or all candidates: every next
 * event of every session, unless the protocol or the warm-up says otherwise.
 *
 * Sessions with something to predict run side by side in slots, in the order given, the scorer reset at the start of
 * each; every row of scores is ranked and forgotten, so [events × items] is never held. A scorer that ranks by itself
 * does so where one target is ranked among all items: not with seen items excluded, candidates or `remaining`. Lists
 * break equal scores by ascending item index; ranks do so by the tie rule.
 *
 * @param sessions - read only; events of items that the scorer does not know must have been left out.
 * @throws TypeError, RangeError if an argument is wrong, there is nothing to predict, or a score is NaN.
 */
export function evaluate(scorer: Scorer, sessions: TestSessions, options: EvaluateOptions): Evaluation {
  checkEvaluate(scorer, sessions, options);
  const candidates = options.candidates && new Candidates(options.candidates, scorer.itemCount);
  const { protocol = 'next', warmUp = 1 } = options;
  const plan = planPredictions(sessions, { protocol, warmUp, candidates });
  if (plan.predictions === 0) throw nothingToPredict(warmUp, plan.outsideTargets);
  const slots = Math.min(options.slots ?? SLOTS, plan.counts.length);
  const batcher = new SessionParallelBatcher({ ...plan.sessions, batchSize: slots, order: 'stored' });
  const walk = new Walk({ scorer, plan, candidates, slots, options });
  const scoring = scorer.open(slots);
  try {
    for (let batch = batcher.next(); batch !== undefined; batch = batcher.next()) {
      walk.take(batch, scoring);
      options.onProgress?.({ predictions: walk.predictions, total: plan.predictions });
    }
  } finally {
    scoring.close();
  }
  return walk.evaluation();
}

function nothingToPredict(warmUp: number, outsideTargets: number): RangeError {
  if (outsideTargets > 0) {
    return new RangeError(
      `evaluate: "candidates" expected a target among them, got none of ${outsideTargets}.`,
    );
  }
  const events = warmUp === 1 ? 'two' : warmUp + 1;
  return new RangeError(`evaluate: "sessions" expected a session of ${events} or more events, got none.`);
}
