import type { Scorer, ScoringSession } from '@gru4rec/metrics';
import type { MixBy } from './mix-values.ts';
import { addWeighted, checkMixed, ScorerValues } from './scorer-values.ts';

/** How to mix scorers. */
export interface MixOptions {
  /** Weight ≥ 0 of each scorer, not all 0; only their proportions count. */
  readonly weights: readonly number[];
  /** `score` if not given. */
  readonly by?: MixBy;
}

/**
 * Mixes scorers over the same items: score(i) = Σ over scorers of weight · value(i).
 *
 * By `score` a value is the score after min-max over the best 100 items of the row: the best is 1, the hundredth 0, the
 * rest in (−1, 0). By `rank` it is 1 / (rank + 60), items of equal scores sharing the mean of their ranks (reciprocal
 * rank fusion: Cormack, Clarke, Büttcher 2009). Ranks look past how sure a scorer is and prefer what all of them rank
 * fairly well to what one ranks first; scores let one scorer alone bring an item to the top.
 *
 * Opening a mix opens every scorer, closing it closes every one; each keeps its own rows of scores.
 *
 * @throws RangeError if there is no scorer, the scorers differ in the number of items, `by` is unknown, or the weights
 * are not as many as the scorers, negative or all 0.
 */
export function mix(scorers: readonly Scorer[], options: MixOptions): Scorer {
  const { weights, by = 'score' } = options;
  const itemCount = checkMixed('mix', scorers, by);
  checkWeights(scorers, weights);
  return {
    name: `mix of ${listWeights(scorers, weights)}`,
    itemCount,
    open: (slots) =>
      openMix(new ScorerValues(scorers, by, slots), weights, new Float64Array(slots * itemCount)),
  };
}

/** @param mixed - [slots × I], the rows that the session returns; kept. */
function openMix(scorers: ScorerValues, weights: readonly number[], mixed: Float64Array): ScoringSession {
  return {
    step(input, resetMask) {
      scorers.step(input, resetMask);
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

/** The scorers with their weights, as in `A 0.5, B 0.3 and C 0.2`, three decimals at most. */
function listWeights(scorers: readonly Scorer[], weights: readonly number[]): string {
  const parts = scorers.map(({ name }, index) => `${name} ${Number(weights[index].toFixed(3))}`);
  if (parts.length === 1) return parts[0];
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
