import { anything, checkOptions, type OptionChecks, required } from '@gru4rec/checks';
import { type Scorer, type Scores, type ScoringSession, topItems } from '@gru4rec/metrics';

/** The best items of a row, which span the range from 0 to 1: a list of 20 and what other scorers may bring into it. */
export const SCALED_HEAD = 100;

/** What scales the scores of a row. */
export interface RowScale {
  /** Score of the last item of the head, which has the value 0. */
  readonly least: number;
  readonly span: number;
}

/** The scale of a row by the scores of its first and its last item of the head. */
export function rowScale(first: number, least: number): RowScale {
  return { least, span: first - least || 1 };
}

/** The value of an item of a row; never decreasing with the score, also as a float64. */
export function scaledValue(score: number, { least, span }: RowScale): number {
  const x = (score - least) / span;
  // x / (1 − x) in a form that is −1, not NaN, at −Infinity.
  return x < 0 ? 1 / (1 - x) - 1 : x;
}

/**
 * Scales the best 100 items of the row to [0, 1], x = (s − s_100) / (s_1 − s_100), and maps the others to x / (1 − x), in
 * (−1, 0).
 *
 * Scaling by the whole row would depend on its last item. Here the tail never outweighs the head, and no items become tied
 * by being cut off. If the best 100 are tied, the divisor is 1. Scores of the head must be finite; others may be −Infinity.
 */
export function writeScaled(scores: Scores, values: Float64Array): void {
  const head = topItems(scores, SCALED_HEAD);
  const scale = rowScale(scores[head[0]], scores[head[head.length - 1]]);
  for (let item = 0; item < scores.length; item++) values[item] = scaledValue(scores[item], scale);
}

/** How to mix scorers. */
export interface MixOptions {
  /** Weight ≥ 0 per scorer, not all 0; only their proportions matter. */
  readonly weights: readonly number[];
}

const checks: OptionChecks<MixOptions> = { weights: required(anything) };

/**
 * Mixes scorers over the same items: score(i) = Σ over scorers of weight · value(i).
 *
 * A value is the score scaled to the range of the best 100 items of the row: the best is 1, the hundredth 0, and the rest
 * are in (−1, 0). Opening a mix opens every scorer, and closing it closes them.
 * @example
 * const mixed = mix([model.scorer(), createBaseline('v-sknn', dataset)], { weights: [0.6, 0.4] });
 */
export function mix(scorers: readonly Scorer[], options: MixOptions): Scorer {
  checkOptions('mix', options, checks);
  const { weights } = options;
  const itemCount = checkMixed('mix', scorers);
  checkWeights(scorers, weights);
  return {
    name: `mix of ${listWeights(scorers, weights)}`,
    itemCount,
    open: (slots) => openMix(new ScorerValues(scorers, slots), weights, new Float64Array(slots * itemCount)),
  };
}

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

/** `A 0.5, B 0.3 and C 0.2`, with at most three decimals. */
function listWeights(scorers: readonly Scorer[], weights: readonly number[]): string {
  const parts = scorers.map(({ name }, index) => `${name} ${Number(weights[index].toFixed(3))}`);
  if (parts.length === 1) return parts[0];
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

export class ScorerValues {
  readonly #scorers: readonly Scorer[];
  readonly #sessions: readonly ScoringSession[];
  readonly #itemCount: number;
  readonly #values: readonly Float64Array[];
  #scores: readonly Scores[] = [];

  constructor(scorers: readonly Scorer[], slots: number) {
    this.#scorers = scorers;
    this.#itemCount = scorers[0].itemCount;
    this.#values = scorers.map(() => new Float64Array(this.#itemCount));
    this.#sessions = openAll(scorers, slots);
  }

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

  follow(input: Int32Array, resetMask: Float32Array, context?: Int32Array): void {
    for (const session of this.#sessions) {
      (session.follow ?? session.step).call(session, input, resetMask, context);
    }
  }

  /** [scorers] of [I], the values of a slot that was live in the latest step; overwritten by the next call. */
  valuesOf(slot: number): readonly Float64Array[] {
    const [start, end] = [slot * this.#itemCount, (slot + 1) * this.#itemCount];
    for (const [index, scores] of this.#scores.entries()) {
      writeScaled(scores.subarray(start, end), this.#values[index]);
    }
    return this.#values;
  }

  close(): void {
    closeAll(this.#sessions);
  }
}

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
