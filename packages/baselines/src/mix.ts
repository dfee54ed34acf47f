import { anything, checkOptions, type OptionChecks, oneOf, required } from '@gru4rec/checked-options';
import type { Scorer, ScoringSession } from '@gru4rec/metrics';
import { MIXED_BY, type MixBy } from './mix-values.ts';
import { addWeighted, checkMixed, ScorerValues } from './scorer-values.ts';

/** How to mix scorers. */
export interface MixOptions {
  /** Weight ≥ 0 per scorer, not all 0; only their proportions matter. */
  readonly weights: readonly number[];
  /** `score` if not given. */
  readonly by?: MixBy;
}

const checks: OptionChecks<MixOptions> = { weights: required(anything), by: oneOf(MIXED_BY) };

/**
 * Mixes scorers over the same items: score(i) = Σ over scorers of weight · value(i).
 *
 * By `score`, a value is the score scaled to the range of the best 100 items of the row: the best is 1, the hundredth 0,
 * and the rest are in (−1, 0). By `rank`, it is 1 / (rank + 60), where items of equal scores share the mean of their ranks
 * (reciprocal rank fusion: Cormack, Clarke, Büttcher 2009). Ranks ignore how certain a scorer is, and prefer items that all
 * scorers rank fairly well; scores let a single scorer bring an item to the top.
 *
 * Opening a mix opens every scorer, and closing it closes them. Each has its own rows of scores.
 *
 * @throws RangeError if there is no scorer, the scorers differ in the number of items, `by` is unknown, or there is not
 *   one weight ≥ 0 per scorer with one above 0.
 */
export function mix(scorers: readonly Scorer[], options: MixOptions): Scorer {
  checkOptions('mix', options, checks);
  const { weights, by = 'score' } = options;
  const itemCount = checkMixed('mix', scorers);
  checkWeights(scorers, weights);
  return {
    name: `mix of ${listWeights(scorers, weights)}`,
    itemCount,
    open: (slots) =>
      openMix(new ScorerValues(scorers, by, slots), weights, new Float64Array(slots * itemCount)),
  };
}

/** @param mixed - [slots × I], the memory for the rows that the session returns; kept. */
function openMix(scorers: ScorerValues, weights: readonly number[], mixed: Float64Array): ScoringSession {
  return {
    follow: (input, resetMask, context) => scorers.follow(input, resetMask, context),
    step(input, resetMask, context) {
      scorers.step(input, resetMask, context);
      const itemCount = mixed.length / input.length;
      for (let slot = 0; slot < input.length; slot++) {
        if (input[slot] < 0) continue;
        addWeighted(
          scorers.valuesOf(slot),
          weights,
          mixed.subarray(slot * itemCount, (slot + 1) * itemCount),
        );
      }
      return mixed;
    },
    close: () => scorers.close(),
  };
}

function checkWeights(scorers: readonly Scorer[], weights: readonly number[]): void {
  if (weights.length !== scorers.length) {
    throw new RangeError(
      `mix: "weights" expected ${scorers.length} numbers, one per scorer, got ${weights.length}.`,
    );
  }
  for (const [index, weight] of weights.entries()) {
    if (weight >= 0 && Number.isFinite(weight)) continue;
    throw new RangeError(`mix: "weights" expected finite number >= 0 at index ${index}, got ${weight}.`);
  }
  if (weights.some((weight) => weight > 0)) return;
  throw new RangeError('mix: "weights" expected a number > 0 among them, got only 0.');
}

/** The scorers with their weights, as in `A 0.5, B 0.3 and C 0.2`, with at most three decimals. */
function listWeights(scorers: readonly Scorer[], weights: readonly number[]): string {
  const parts = scorers.map(({ name }, index) => `${name} ${Number(weights[index].toFixed(3))}`);
  if (parts.length === 1) return parts[0];
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
