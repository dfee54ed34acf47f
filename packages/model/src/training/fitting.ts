import { type SessionArrays, SessionHistory, SessionParallelBatcher } from '@gru4rec/batcher';
import type { FloatArray } from '@gru4rec/program';
import { openScoring, type ScoringOptions } from '../scoring.ts';
import { turns } from './checkpointer.ts';

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
  /** The unknown of each value, none twice in a row. */
  readonly columns: Uint16Array;
  readonly values: Float64Array;
  /** Row of the clicked item. */
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

/** The number of the scores of clicks, and the sum of their squared deviations from the means of their clicks. */
export function deviations(scoresPerClick: readonly Float64Array[]): {
  readonly count: number;
  readonly squares: number;
} {
  let [count, squares] = [0, 0];
  for (const scores of scoresPerClick) {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    for (const score of scores) squares += (score - mean) ** 2;
    count += scores.length;
  }
  return { count, squares };
}

const SLOTS = 64;

/** A click that another one of its session follows. */
export interface ScoredClick {
  /** [I] scores after the click, without the parts of a moment and activation, which is monotone: it changes no order. A view. */
  readonly scores: FloatArray;
  readonly target: number;
  /** Places in `items` of the session's first click and of this one. */
  readonly start: number;
  readonly place: number;
  /** The last distinct items of the session, the most recent first, and how often each was clicked. Views. */
  readonly history: Int32Array;
  readonly counts: Int32Array;
}

/** Scores the clicks of held-out sessions, with the parameters that `load` gives. Each is valid until the next one. */
export async function* scoredClicks(
  { config, ...model }: Omit<ScoringOptions, 'slots'>,
  sessions: SessionArrays,
  historyLength = 0,
): AsyncGenerator<ScoredClick, void> {
  const { itemCount } = model;
  const { sessionOffsets, items, context } = sessions;
  const slots = Math.min(SLOTS, sessionOffsets.length - 1);
  const batcher = new SessionParallelBatcher({
    ...{ sessionOffsets, items, order: 'stored', batchSize: slots },
    ...(context && { context }),
  });
  const scoring = openScoring({ ...model, config, slots, linear: true });
  const places = new Int32Array(slots);
  const recent = new SessionHistory(slots, historyLength);
  const turn = turns();
  try {
    for (let batch = batcher.next(); batch; batch = batcher.next()) {
      const rows = scoring.step(batch.input, batch.resetMask, batch.context);
      recent.follow(batch.input, batch.resetMask);
      for (const [slot, target] of batch.target.entries()) {
        if (target < 0) continue;
        const start = Number(sessionOffsets[Number(batch.session[slot])]);
        const place = batch.resetMask[slot] === 1 ? start : Number(places[slot]) + 1;
        places[slot] = place;
        const scores = rows.subarray(slot * itemCount, (slot + 1) * itemCount);
        const first = slot * historyLength;
        const end = recent.items.indexOf(-1, first);
        const last = end < 0 ? first + historyLength : Math.min(end, first + historyLength);
        const history = recent.items.subarray(first, last);
        const counts = recent.counts.subarray(first, last);
        yield { scores, target, start, place, history, counts };
      }
      await turn();
    }
  } finally {
    scoring.close();
  }
}
