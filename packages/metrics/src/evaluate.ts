import type { SessionArrays } from '@gru4rec/batcher';
import type { Evaluation } from './evaluation.ts';
import { JoinedParts, joinParts } from './joined-parts.ts';
import type { EvaluateOptions } from './options.ts';
import { PartEvaluator } from './part-evaluator.ts';
import type { Ranker, Scorer } from './scorer.ts';

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
export function evaluate(scorer: Scorer, sessions: SessionArrays, options: EvaluateOptions): Evaluation {
  const evaluator = new PartEvaluator(scorer, options);
  try {
    return joinParts([evaluator.evaluate(sessions)], options, scorer.itemCount);
  } finally {
    evaluator.close();
  }
}

/**
 * Evaluates as {@link evaluate} does, with a pause after each step of the scorer.
 *
 * @param scorer - a {@link Ranker} will do where every prediction is one target among all items.
 * @param pause - what it returns is waited for; what it throws ends the evaluation.
 * @throws what `evaluate` and `pause` throw.
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
      if (done) return joinParts([value], options, scorer.itemCount);
      const waiting = pause();
      if (waiting) await waiting;
    }
  } finally {
    evaluator.close();
  }
}

/**
 * Evaluates sessions that come part by part, such as the record batches of a file, as {@link evaluate} does all at once
 * and with the same figures and ranks.
 *
 * Held are one part (10 bytes an event, 24 a session and 24 more a cutoff), 2 bytes an item and cutoff, and of all parts with
 * `bootstrap` 8 bytes per session and 24 more per cutoff, with `keepRanks` 24 bytes a prediction and 4 a session, both twice
 * for a moment at the end. Without them nothing grows.
 *
 * @param parts - whole sessions, read only, each part until the next is asked for; asked for no more after an error.
 * @throws TypeError, RangeError as `evaluate` does.
 */
export async function evaluateParts(
  scorer: Scorer,
  parts: AsyncIterable<SessionArrays> | Iterable<SessionArrays>,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const evaluator = new PartEvaluator(scorer, options);
  const joined = new JoinedParts(options, scorer.itemCount);
  try {
    for await (const part of parts) joined.add(evaluator.evaluate(part));
  } finally {
    evaluator.close();
  }
  return joined.evaluation();
}
