import type { Scorer, Scores, ScoringSession } from '@gru4rec/metrics';
import { type MixBy, type MixValues, mixValues } from './mix-values.ts';

/** Several scorers that get the same input, and their scores as values that can be added up. */
export class ScorerValues {
  readonly #scorers: readonly Scorer[];
  readonly #sessions: readonly ScoringSession[];
  readonly #itemCount: number;
  readonly #makeValues: MixValues;
  /** [scorers] of [I]. */
  readonly #values: readonly Float64Array[];
  /** [scorers] of [slots × I], the scores of the latest step. */
  #scores: readonly Scores[] = [];

  /** Opens every scorer; if one fails, closes those opened before. */
  constructor(scorers: readonly Scorer[], by: MixBy, slots: number) {
    this.#scorers = scorers;
    this.#itemCount = scorers[0].itemCount;
    this.#makeValues = mixValues(by, this.#itemCount);
    this.#values = scorers.map(() => new Float64Array(this.#itemCount));
    this.#sessions = openAll(scorers, slots);
  }

  /**
   * Runs a step of every scorer, see {@link ScoringSession.step}.
   *
   * @throws RangeError if a scorer does not return a score for every slot and item.
   */
  step(input: Int32Array, resetMask: Float32Array, context?: Int32Array): void {
    this.#scores = this.#sessions.map((session, index) => {
      const scores = session.step(input, resetMask, context);
      if (scores.length === input.length * this.#itemCount) return scores;
      throw new RangeError(
        `step: scores of ${this.#scorers[index].name} expected ${input.length} × ${this.#itemCount} numbers, ` +
          `got ${scores.length}.`,
      );
    });
  }

  /** Follows a step with every scorer, see {@link ScoringSession.follow}. */
  follow(input: Int32Array, resetMask: Float32Array, context?: Int32Array): void {
    for (const session of this.#sessions) {
      (session.follow ?? session.step).call(session, input, resetMask, context);
    }
  }

  /** @returns [scorers] of [I], the values of a slot that was live in the latest step; overwritten by the next call. */
  valuesOf(slot: number): readonly Float64Array[] {
    const [start, end] = [slot * this.#itemCount, (slot + 1) * this.#itemCount];
    for (const [index, scores] of this.#scores.entries()) {
      this.#makeValues.write(scores.subarray(start, end), this.#values[index]);
    }
    return this.#values;
  }

  /** Closes every scorer, even if one fails. */
  close(): void {
    closeAll(this.#sessions);
  }
}

/**
 * Adds up values: row[i] = Σ over scorers of weight · value[i].
 *
 * @param values - [scorers] of [I]. Read only.
 * @param weights - [scorers]. Read only.
 * @param row - [I], overwritten.
 */
export function addWeighted(
  values: readonly Float64Array[],
  weights: readonly number[],
  row: Float64Array,
): void {
  row.fill(0);
  for (const [index, ofScorer] of values.entries()) {
    const weight = weights[index];
    for (let item = 0; item < row.length; item++) row[item] += weight * ofScorer[item];
  }
}

/**
 * @returns I, the number of items of every scorer.
 * @throws RangeError if there is no scorer, or they differ in the number of items.
 */
export function checkMixed(caller: string, scorers: readonly Scorer[]): number {
  if (!Array.isArray(scorers) || scorers.length === 0) {
    throw new RangeError(`${caller}: "scorers" expected one or more scorers, got none.`);
  }
  const [first] = scorers;
  for (const { name, itemCount } of scorers) {
    if (itemCount === first.itemCount) continue;
    throw new RangeError(
      `${caller}: "scorers" expected ${first.itemCount} items, as ${first.name} has, got ${itemCount} of ${name}. ` +
        'Fit them to the same items.',
    );
  }
  return first.itemCount;
}

function openAll(scorers: readonly Scorer[], slots: number): ScoringSession[] {
  const sessions: ScoringSession[] = [];
  try {
    for (const scorer of scorers) sessions.push(scorer.open(slots));
  } catch (error) {
    closeAll(sessions);
    throw error;
  }
  return sessions;
}

function closeAll([first, ...rest]: readonly ScoringSession[]): void {
  if (first === undefined) return;
  try {
    first.close();
  } finally {
    closeAll(rest);
  }
}
