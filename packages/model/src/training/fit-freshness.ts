import type { Freshness } from '../freshness.ts';
import type { TimedArrays } from './count-freshness.ts';
import { describeAll, type FreshClick } from './fresh-clicks.ts';
import { deviations, minimize, type Objective } from './newton.ts';

/** Length of the lists whose recall chooses weights. */
const LISTED = 20;
/** λ, in clicks: pulls every weight towards 0. */
const RIDGE = 1;
/** Weights of recent clicks that are tried per half-life, in standard deviations of the scores. */
const TRIED = [0.25, 0.5, 1, 2, 4, 8];
/** Freshness that lists fewer clicked items more than this is left out. */
const LEAST_GAIN = 0.002;

/**
 * Chooses the weights θ of freshness by the recall of held-out clicks, with the scores of the model as they are: among
 * zeros, one half-life at a time with weights of several sizes, and those of greatest likelihood (`freshObjective`).
 *
 * @param freshness - has counted the training sessions; counts `counted` too.
 * @param counted - all held-out sessions. A click is described by the clicks of earlier moments.
 * @returns [F], to be added to scores; zeros if nothing gains more than 0.002.
 */
export function fitFreshness(
  freshness: Freshness,
  counted: TimedArrays,
  clicks: readonly FreshClick[],
): Float32Array {
  const { width, recentWidth } = freshness;
  const none = new Float32Array(width);
  if (clicks.length === 0) return none;
  const described = describeAll(freshness, counted, clicks);
  const sigma = spreadOf(clicks);
  const likeliest = mostLikely(clicks, described, width);
  const agesOnly = likeliest.map((weight, f) => (f < recentWidth ? 0 : weight));
  const tried = [likeliest, agesOnly];
  for (let f = 0; f < recentWidth; f++) {
    for (const size of TRIED) tried.push(none.map((_, g) => (g === f ? size * sigma : 0)));
  }
  let [best, most]: [Float32Array, number] = [none, recallOf(clicks, described, none) + LEAST_GAIN];
  for (const weights of tried) {
    const recall = recallOf(clicks, described, weights);
    if (recall > most) [best, most] = [weights, recall];
  }
  return best;
}

/** Share of the clicks whose item is among the 20 best of those that compete. */
function recallOf(
  clicks: readonly FreshClick[],
  described: readonly Float32Array[],
  weights: Float32Array,
): number {
  let hits = 0;
  for (const [click, { scores }] of clicks.entries()) {
    const own = described[click] as Float32Array;
    const total = (item: number): number => {
      let sum = Number(scores[item]);
      for (const [f, weight] of weights.entries()) sum += weight * Number(own[item * weights.length + f]);
      return sum;
    };
    const target = total(0);
    let better = 0;
    for (let item = 1; item < scores.length && better < LISTED; item++) if (total(item) >= target) better++;
    if (better < LISTED) hits++;
  }
  return hits / clicks.length;
}

/** The standard deviation of a click's scores, at least a small number. */
function spreadOf(clicks: readonly FreshClick[]): number {
  const { count, squares } = deviations(clicks.map(({ scores }) => scores));
  return Math.max(1e-6, Math.sqrt(squares / count));
}

/** The weights θ / τ at the minimum of `freshObjective`. */
function mostLikely(
  clicks: readonly FreshClick[],
  described: readonly Float32Array[],
  width: number,
): Float32Array {
  const start = new Float64Array(width + 1);
  start[width] = 1 / spreadOf(clicks);
  const fitted = minimize(
    (x) => freshObjective(clicks, described, x),
    start,
    (x) => Number(x[width]) > 0,
  );
  return Float32Array.from(fitted.subarray(0, width), (weight) => weight / Number(fitted[width]));
}

/**
 * L(θ, τ) = Σ_clicks [ log Σ_{i∈S} exp(τ·s_i + x_i·θ) − τ·s_t − x_t·θ ] + λ/2 |θ|²
 *
 * S are the clicked item t and the items that compete with it, s their scores, x_i what `Freshness.describe` says of them at
 * the time of the click before.
 *
 * @param described - [N × F] per click.
 * @param x - [F + 1]: θ, then τ.
 * @returns fresh arrays.
 */
export function freshObjective(
  clicks: readonly FreshClick[],
  described: readonly Float32Array[],
  x: Float64Array,
): Objective {
  const n = x.length;
  const [gradient, hessian] = [new Float64Array(n), new Float64Array(n * n)];
  let value = 0;
  const [mean, features] = [new Float64Array(n), new Float64Array(n)];
  for (const [click, { scores }] of clicks.entries()) {
    const own = described[click] as Float32Array;
    const read = (item: number): Float64Array => {
      for (let k = 0; k < n - 1; k++) features[k] = own[item * (n - 1) + k] as number;
      features[n - 1] = scores[item] as number;
      return features;
    };
    const logits = Array.from(scores.keys(), (item) => dot(read(item), x));
    const most = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    value += Math.log(sum) + most - (logits[0] as number);
    mean.fill(0);
    for (const [item, logit] of logits.entries()) {
      const share = Math.exp(logit - most) / sum;
      if (share < 1e-9) continue;
      read(item);
      for (let k = 0; k < n; k++) {
        const weighted = share * (features[k] as number);
        if (weighted === 0) continue;
        mean[k] = (mean[k] as number) + weighted;
        for (let l = 0; l < n; l++)
          hessian[k * n + l] = (hessian[k * n + l] as number) + weighted * (features[l] as number);
      }
    }
    read(0);
    for (let k = 0; k < n; k++) {
      gradient[k] = (gradient[k] as number) + (mean[k] as number) - (features[k] as number);
      for (let l = 0; l < n; l++)
        hessian[k * n + l] = (hessian[k * n + l] as number) - (mean[k] as number) * (mean[l] as number);
    }
  }
  for (let k = 0; k < n - 1; k++) {
    value += (RIDGE / 2) * (x[k] as number) ** 2;
    gradient[k] = (gradient[k] as number) + RIDGE * (x[k] as number);
    hessian[k * n + k] = (hessian[k * n + k] as number) + RIDGE;
  }
  return { value, gradient, hessian };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}
