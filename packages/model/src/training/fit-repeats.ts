import type { SessionArrays } from '@gru4rec/metrics';
import type { FloatArray } from '@gru4rec/program';
import { historyLength } from '../programs/forward.ts';
import type { ScoringOptions } from '../scoring.ts';
import { deviations, minimize, type Objective, scoredClicks } from './fitting.ts';

/** Items outside the session that compete with its items: the items with the greatest scores, as many as a list has. */
const OTHERS = 20;

/** A click, with the scores of the items that a bias of the session's items can move it past. */
export interface RepeatClick {
  /** Scores of the session's last distinct items, the most recent first; at most K. */
  readonly history: Float64Array;
  readonly others: Float64Array;
  /** Place of the clicked item in `history`; −1 if it is another item. */
  readonly place: number;
  readonly target: number;
}

/** Scores held-out clicks without a repeat bias, but for those of items that no bias could recommend. */
export async function collectRepeatClicks(
  { config, ...model }: Omit<ScoringOptions, 'slots'>,
  sessions: SessionArrays,
): Promise<RepeatClick[]> {
  const plain = { ...config, repeatBias: 'none' } as const;
  const clicks: RepeatClick[] = [];
  const scored = scoredClicks({ ...model, config: plain }, sessions, historyLength(config));
  for await (const { scores, history, target } of scored) {
    const click = clickOf(scores, history, target);
    if (click) clicks.push(click);
  }
  return clicks;
}

function clickOf(scores: FloatArray, padded: Int32Array, target: number): RepeatClick | undefined {
  const end = padded.indexOf(-1);
  const history = end < 0 ? padded : padded.subarray(0, end);
  const others = bestOthers(scores, history);
  const place = history.indexOf(target);
  const score = Number(scores[target]);
  if (place < 0 && !others.includes(score)) return undefined;
  return {
    history: Float64Array.from(history, (item) => Number(scores[item])),
    others,
    place,
    target: score,
  };
}

function bestOthers(scores: FloatArray, history: Int32Array): Float64Array {
  const best = new Float64Array(OTHERS).fill(Number.NEGATIVE_INFINITY);
  let count = 0;
  let least = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = Number(scores[item]);
    if (count === OTHERS && score <= Number(best[least])) continue;
    if (history.includes(item)) continue;
    best[count < OTHERS ? count++ : least] = score;
    if (count === OTHERS) least = indexOfLeast(best);
  }
  return best.subarray(0, count);
}

function indexOfLeast(values: Float64Array): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (Number(values[i]) < Number(values[at])) at = i;
  return at;
}

/** λ, in clicks: pulls every place towards 0, so that a place of few clicks stays there. */
const RIDGE = 1;
/** μ, in clicks: pulls neighbouring places towards each other. */
const SMOOTHING = 20;
/** Smallest τ, in units of its first value: scores that hardly order the clicked items give a bias no scale. */
const LEAST_TAU = 0.01;

/**
 * The objective of the repeat bias c [K] of a trained model, with c = d / τ:
 *
 * L(d, τ) = Σ_clicks [ log Σ_{i∈S} exp(τ·s_i + d_i) − τ·s_t − d_t ] + λ/2 Σ_k d_k² + μ/2 Σ_k (d_{k+1} − d_k)²
 *
 * S are the session's last items and the best others, t the clicked item, s the scores of the model; d_i is d_k for the
 * item at place k of the history, and 0 for the others. τ makes logits of scores, which BPR-max leaves at any scale. L is
 * convex: the log-likelihood of a linear model with K + 1 unknowns, given that t is in S.
 * @param x - [K + 1]: d, then τ.
 * @returns fresh arrays.
 */
export function repeatObjective(clicks: readonly RepeatClick[], x: Float64Array): Objective {
  const sums = new Sums(x.length);
  const tau = at(x, x.length - 1);
  let value = addPenalties(x, sums);
  for (const { history, others, place, target } of clicks) {
    const own = Array.from(history, (score, k) => ({ score, logit: tau * score + at(x, k) }));
    const free = Array.from(others, (score) => ({ score, logit: tau * score }));
    const most = Math.max(...own.map(({ logit }) => logit), ...free.map(({ logit }) => logit));
    let [sum, mean, squares] = [0, 0, 0];
    for (const { score, logit } of [...own, ...free]) {
      const e = Math.exp(logit - most);
      sum += e;
      mean += e * score;
      squares += e * score * score;
    }
    mean /= sum;
    const shares = own.map(({ logit }) => Math.exp(logit - most) / sum);
    sums.addClick(
      shares,
      own.map(({ score }) => score - mean),
      squares / sum - mean * mean,
    );
    sums.add(x.length - 1, mean - target);
    if (place >= 0) sums.add(place, -1);
    value += Math.log(sum) + most - tau * target - (place >= 0 ? at(x, place) : 0);
  }
  return { value, gradient: sums.gradient, hessian: sums.hessian };
}

class Sums {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.gradient = new Float64Array(size);
    this.hessian = new Float64Array(size * size);
  }

  add(row: number, value: number): void {
    this.gradient[row] = at(this.gradient, row) + value;
  }

  addSecond(row: number, column: number, value: number): void {
    const places =
      row === column ? [row * this.#size + row] : [row * this.#size + column, column * this.#size + row];
    for (const place of places) this.hessian[place] = at(this.hessian, place) + value;
  }

  /** Adds the derivatives of a click's log Σ exp, but the mean of the scores. `shares` are the items' probabilities. */
  addClick(shares: readonly number[], deviations: readonly number[], variance: number): void {
    const tau = this.#size - 1;
    for (const [k, share] of shares.entries()) {
      this.add(k, share);
      this.addSecond(k, k, share);
      this.addSecond(k, tau, share * Number(deviations[k]));
      for (let l = 0; l <= k; l++) this.addSecond(k, l, -share * Number(shares[l]));
    }
    this.addSecond(tau, tau, variance);
  }
}

function addPenalties(x: Float64Array, sums: Sums): number {
  let value = 0;
  for (let k = 0; k < x.length - 1; k++) {
    const d = at(x, k);
    value += (RIDGE / 2) * d ** 2;
    sums.add(k, RIDGE * d);
    sums.addSecond(k, k, RIDGE);
    if (k === 0) continue;
    const rise = d - at(x, k - 1);
    value += (SMOOTHING / 2) * rise ** 2;
    sums.add(k, SMOOTHING * rise);
    sums.add(k - 1, -SMOOTHING * rise);
    sums.addSecond(k, k, SMOOTHING);
    sums.addSecond(k - 1, k - 1, SMOOTHING);
    sums.addSecond(k, k - 1, -SMOOTHING);
  }
  return value;
}

/** Fits c [K] by Newton's method; zeros without clicks, or where the scores say nothing of what is clicked. */
export function fitRepeats(clicks: readonly RepeatClick[], length: number): Float32Array {
  const first = firstTau(clicks);
  if (first === 0) return new Float32Array(length);
  const start = Float64Array.from({ length: length + 1 }, (_, k) => (k < length ? 0 : first));
  const fitted = minimize(
    (x) => repeatObjective(clicks, x),
    start,
    (x) => at(x, length) > 0,
  );
  const tau = at(fitted, length);
  if (tau < LEAST_TAU * first) return new Float32Array(length);
  return Float32Array.from(fitted.subarray(0, length), (d) => d / tau);
}

/** 1 / the standard deviation of a click's scores; 0 if they are all equal. */
function firstTau(clicks: readonly RepeatClick[]): number {
  const { count, squares } = deviations(clicks.map(({ others }) => others));
  return squares > 0 ? Math.sqrt(count / squares) : 0;
}

function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
