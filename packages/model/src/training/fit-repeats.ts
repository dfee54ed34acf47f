import type { SessionArrays } from '@gru4rec/metrics';
import type { FloatArray } from '@gru4rec/program';
import { historyLength, repeatVariables } from '../programs/forward.ts';
import type { ScoringOptions } from '../scoring.ts';
import {
  type Choice,
  conditionalLogit,
  deviations,
  minimize,
  type Objective,
  type Penalty,
  scoredClicks,
} from './fitting.ts';

/**
 * Items outside the session that compete with its items: those with the greatest scores, as many as a list has, and as many of
 * the nearest neighbours.
 */
const OTHERS = 20;

/** A click, with the scores of the items that a bias can move it past. */
export interface RepeatClick {
  /** Scores of the session's last distinct items, the most recent first; at most K. */
  readonly history: Float64Array;
  /** log(clicks) of each of them. */
  readonly clicks: Float64Array;
  readonly others: Float64Array;
  /** What each of the others gets for a weight of 1 of neighbours. */
  readonly neighbours: Float64Array;
  /** Place of the clicked item in `history`, and in `others`; −1 if it is not there. */
  readonly place: number;
  readonly other: number;
}

/** Scores held-out clicks without biases, but for those of items that no bias could recommend. */
export async function collectRepeatClicks(
  { config, neighbours: near, ...model }: Omit<ScoringOptions, 'slots'>,
  sessions: SessionArrays,
): Promise<RepeatClick[]> {
  const plain = { ...config, repeatBias: 'none' } as const;
  const clicks: RepeatClick[] = [];
  const scored = scoredClicks({ ...model, config: plain }, sessions, historyLength(config));
  for await (const { scores, history, counts, target } of scored) {
    const found = near?.of(history) ?? new Int32Array();
    const values = Float32Array.from(found, (item) => near?.values[item] ?? 0);
    const best = bestOf(scores, (item) => !history.includes(item));
    const nearest = bestOf(values, () => true).map((at) => Number(found[at]));
    const others = [...new Set([...best, ...nearest])];
    const [place, other] = [history.indexOf(target), others.indexOf(target)];
    if (place < 0 && other < 0) continue;
    clicks.push({
      ...{ place, other, others: Float64Array.from(others, (item) => Number(scores[item])) },
      neighbours: Float64Array.from(others, (item) => near?.values[item] ?? 0),
      history: Float64Array.from(history, (item) => Number(scores[item])),
      clicks: Float64Array.from(counts, Math.log),
    });
  }
  return clicks;
}

/** Places of the greatest scores among those that count. */
function bestOf(scores: FloatArray, counts: (at: number) => boolean): number[] {
  const best: number[] = [];
  const found = new Float64Array(OTHERS);
  let least = 0;
  for (let at = 0; at < scores.length; at++) {
    const score = Number(scores[at]);
    if (best.length === OTHERS && score <= Number(found[least])) continue;
    if (!counts(at)) continue;
    const to = best.length < OTHERS ? best.length : least;
    [best[to], found[to]] = [at, score];
    if (best.length === OTHERS) least = indexOfLeast(found);
  }
  return best;
}

function indexOfLeast(values: Float64Array): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (Number(values[i]) < Number(values[at])) at = i;
  return at;
}

/** λ, in clicks: pulls every unknown but τ towards 0, so that a place of few clicks stays there. */
const RIDGE = 1;
/** μ, in clicks: pulls neighbouring places towards each other. */
const SMOOTHING = 20;
/** Smallest τ, in units of its first value: scores that hardly order the clicked items give a bias no scale. */
const LEAST_TAU = 0.01;
/** A λ that leaves an unknown at 0. */
const WITHOUT = 1e9;
/** Unknowns after those of the places: w, v, a, u and τ. */
const COMMON = 5;

/**
 * The objective of the repeat bias of a trained model:
 *
 * L = Σ_clicks [ log Σ_{i∈S} exp(z_i) − z_t ] + λ/2 |d, w, v, a, u|² + μ/2 Σ_k (d_{k+1} − d_k)²,
 * z_i = τ·s_i + d_k + w·l_k + v·l̄ + a·s_i for the item at place k of the history, τ·s_i + u·n_i for the others
 *
 * S are the session's last items, the best others and its nearest neighbours, t the clicked item, s the scores of the model, l_k
 * the logarithm of how often the item at place k was clicked, l̄ their mean, n what neighbours get (`SessionNeighbours`). τ makes
 * logits of scores, which BPR-max leaves at any scale. L is convex: the log-likelihood of a linear model with K + 5 unknowns,
 * given that t is in S.
 * @param x - [K + 5]: d, then w, v, a, u and τ.
 * @param ridges - λ of a and of u.
 * @returns fresh arrays.
 */
export function repeatObjective(
  clicks: readonly RepeatClick[],
  x: Float64Array,
  ridges: Ridges = [RIDGE, RIDGE],
): Objective {
  const places = x.length - COMMON;
  const describe = ({ history, clicks: counts, others, neighbours, place, other }: RepeatClick): Choice => {
    const features = new Float64Array((history.length + others.length) * x.length);
    const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, history.length);
    for (const [k, score] of history.entries()) {
      const row = k * x.length;
      features[row + k] = 1;
      features.set([at(counts, k), mean, score, 0, score], row + places);
    }
    for (const [i, score] of others.entries()) {
      features.set([at(neighbours, i), score], (history.length + i + 1) * x.length - 2);
    }
    return { features, chosen: place < 0 ? history.length + other : place };
  };
  return conditionalLogit(clicks, describe, x, penaltyOf(ridges));
}

type Ridges = readonly [own: number, neighbours: number];

const penaltyOf =
  (ridges: Ridges): Penalty =>
  (x, gradient, hessian) => {
    const add = (k: number, l: number, weight: number): void => {
      gradient[k] = at(gradient, k) + weight * at(x, l);
      hessian[k * x.length + l] = at(hessian, k * x.length + l) + weight;
    };
    let value = 0;
    for (let k = 0; k < x.length - 1; k++) {
      const ridge = ridges[k - x.length + 3] ?? RIDGE;
      value += (ridge / 2) * at(x, k) ** 2;
      add(k, k, ridge);
      if (k === 0 || k >= x.length - COMMON) continue;
      value += (SMOOTHING / 2) * (at(x, k) - at(x, k - 1)) ** 2;
      for (const [one, other] of [
        [k, k - 1],
        [k - 1, k],
      ] as const) {
        add(one, one, SMOOTHING);
        add(one, other, -SMOOTHING);
      }
    }
    return value;
  };

/**
 * Fits the parameters of a repeat bias of K places by Newton's method; zeros without clicks, or where the scores say nothing of
 * what is clicked.
 * @returns values by the names of `repeatVariables`.
 */
export function fitRepeats(clicks: readonly RepeatClick[], length: number): Record<string, Float32Array> {
  const first = firstTau(clicks);
  const start = new Float64Array(length + COMMON);
  const last = start.length - 1;
  start[last] = first;
  const fit = (...ridges: Ridges): Float64Array =>
    minimize(
      (x) => repeatObjective(clicks, x, ridges),
      start,
      (x) => at(x, last) > 0,
    );
  let fitted = first === 0 ? start : fit(RIDGE, RIDGE);
  const isFlat = (): boolean => at(fitted, last) < LEAST_TAU * first;
  // Lists rely on scores that neighbours only raise.
  const ofNeighbours = at(fitted, last - 1) < 0 ? WITHOUT : RIDGE;
  if (ofNeighbours === WITHOUT) fitted = fit(RIDGE, WITHOUT);
  // The scores of a few clicks may order only the items of their sessions.
  if (isFlat()) fitted = fit(WITHOUT, ofNeighbours);
  const scale = first === 0 || isFlat() ? 0 : 1 / at(fitted, last);
  const [w, v, a, u = 0] = fitted.subarray(length).map((value) => scale * value);
  const ofClicks = new Float32Array((length + 1) * length).fill(v ?? 0, length * length);
  for (let k = 0; k < length; k++) ofClicks[k * length + k] = w ?? 0;
  return {
    [repeatVariables.bias]: Float32Array.from(fitted.subarray(0, length), (d) => scale * d),
    [repeatVariables.weights]: ofClicks,
    [repeatVariables.own]: new Float32Array(length).fill(a ?? 0),
    [repeatVariables.neighbours]: Float32Array.of(ofNeighbours === WITHOUT ? 0 : Math.max(0, u)),
  };
}

/** 1 / the standard deviation of a click's scores; 0 if they are all equal. */
function firstTau(clicks: readonly RepeatClick[]): number {
  const { count, squares } = deviations(clicks.map(({ others }) => others));
  return squares > 0 ? Math.sqrt(count / squares) : 0;
}

function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
