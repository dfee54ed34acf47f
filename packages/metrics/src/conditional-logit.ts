const MOST_STEPS = 50;
/** Newton's method stops where its step would improve the objective by less. */
const TOLERANCE = 1e-9;

/** Value and derivatives of a convex objective of n unknowns. */
export interface Objective {
  readonly value: number;
  readonly gradient: Float64Array;
  /** [n × n], row-major, positive definite. */
  readonly hessian: Float64Array;
}

/** A click among the N items that it could have been, with the features of each as sparse rows. */
export interface Choice {
  /** [N] places in `columns` and `values` where the rows end. */
  readonly ends: Int32Array;
  readonly columns: Uint16Array;
  readonly values: Float64Array;
  readonly chosen: number;
}

/** Adds the derivatives of a penalty on the unknowns. @returns its value. */
export type Penalty = (x: Float64Array, gradient: Float64Array, hessian: Float64Array) => number;

/**
 * L(x) = Σ_choices [ log Σ_i exp(f_i · x) − f_chosen · x ] + penalty(x): conditional logit (McFadden 1974), convex
 *
 * @returns fresh arrays.
 */
export function conditionalLogit(choices: readonly Choice[], x: Float64Array, penalty: Penalty): Objective {
  const width = x.length;
  const [gradient, hessian] = [new Float64Array(width), new Float64Array(width * width)];
  const mean = new Float64Array(width);
  let value = penalty(x, gradient, hessian);
  for (const { ends, columns, values, chosen } of choices) {
    const logits = new Float64Array(ends.length);
    for (let i = 0, at = 0; i < ends.length; i++)
      for (; at < ends[i]; at++) logits[i] += values[at] * x[columns[at]];
    const most = logits.reduce((a, b) => Math.max(a, b));
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    value += Math.log(total) + most - logits[chosen];
    mean.fill(0);
    for (let i = 0, start = 0; i < ends.length; start = ends[i++]) {
      const share = Math.exp(logits[i] - most) / total;
      for (let at = start; at < ends[i]; at++) {
        const weighted = share * values[at];
        const k = columns[at];
        mean[k] += weighted;
        if (i === chosen) gradient[k] -= values[at];
        for (let other = start; other < ends[i]; other++) {
          hessian[k * width + columns[other]] += weighted * values[other];
        }
      }
    }
    for (let k = 0; k < width; k++) {
      if (mean[k] === 0) continue;
      gradient[k] += mean[k];
      for (let l = 0; l < width; l++) hessian[k * width + l] -= mean[k] * mean[l];
    }
  }
  return { value, gradient, hessian };
}

/** Minimises a convex objective by Newton's method with halved steps, from an allowed start. */
export function minimize(
  objectiveAt: (x: Float64Array) => Objective,
  start: Float64Array,
  isAllowed: (x: Float64Array) => boolean,
): Float64Array {
  let x = start.slice();
  let objective = objectiveAt(x);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { value, gradient, hessian } = objective;
    const direction = solve(hessian, gradient);
    const fall = direction.reduce((sum, by, k) => sum + by * gradient[k], 0);
    if (!(fall > TOLERANCE)) return x;
    let improved = false;
    for (let share = 1; share > 1e-6 && !improved; share /= 2) {
      const tried = x.map((old, k) => old - share * direction[k]);
      if (!isAllowed(tried)) continue;
      const next = objectiveAt(tried);
      improved = next.value <= value - (share / 4) * fall;
      if (improved) [x, objective] = [tried, next];
    }
    if (!improved) return x;
  }
  return x;
}

/** Solves A·y = b for a symmetric positive definite A [n × n] by Cholesky's decomposition. @returns y, fresh. */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
      const pivot = i === j ? Math.sqrt(Math.max(sum, Number.EPSILON)) : sum / lower[j * n + j];
      lower[i * n + j] = pivot;
    }
  }
  const y = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) y[i] = y[i] - lower[i * n + k] * y[k];
    y[i] = y[i] / lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i] = y[i] - lower[k * n + i] * y[k];
    y[i] = y[i] / lower[i * n + i];
  }
  return y;
}
