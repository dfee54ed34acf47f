import { distinctItems, findNeighbours } from '@gru4rec/batcher';
import { type Choice, conditionalLogit, minimize, type Penalty, topItems } from '@gru4rec/metrics';
import {
  type BaselineData,
  type BaselineKind,
  baselineKind,
  trainingShares,
  type Unnamed,
} from './baseline-kind.ts';
import { countRules, type Rules } from './rules.ts';
import { rowsScorer } from './score-rows.ts';

/** Pairs of items: of one session, and that right after or right before the other. */
interface Tables {
  readonly together: Rules;
  readonly after: Rules;
  readonly before: Rules;
}

interface LearnedCounts extends Tables {
  /** [I] scores of items that a session does not reach. */
  readonly base: Float64Array;
  /** [F] */
  readonly weights: Float64Array;
}

/**
 * Mean weights [F] of four logs: of `together`, `after`, `before`, `after` the last item, being in any of these; of items
 * of the session: 1, being the last, log(1 + place), log clicks, the mean of these; of log(1 + support).
 */
const PRIOR = Float64Array.of(1.7, 0.2, 0.05, 0.25, 0.5, 4.6, -0.4, -0.9, 0.8, 1, 0.1);
const F = PRIOR.length;
const [AFTER_LAST, REACHED, SUPPORT] = [3, 4, 10];
const SCALES = [0.02, 0.01, 0.01, 0.01];
/** The last items of a session whose pairs count. */
const LAST = 10;
const DECAY = 0.8;
const LAMBDA = 3;

/**
 * Counts: what sessions say without a network. A score is linear in popularity, repeats, and pairs with the last items k of the
 * session, as log(1 + Σ_k 0.8^k · value / scale). The weights are a conditional logit (McFadden 1974) of the last clicks of
 * training sessions, which the tables then lack.
 */
export const countsKind: BaselineKind = baselineKind(
  'counts',
  {},
  {
    learn(data): LearnedCounts {
      trainingShares(data.support);
      const weights = fitWeights(data);
      const base = Float64Array.from(data.support, (support) => weights[SUPPORT] * Math.log1p(support));
      return { base, weights, ...countTables(data) };
    },
    score: scoreByCounts,
  },
);

function scoreByCounts({ base, weights, ...tables }: LearnedCounts): Unnamed {
  return rowsScorer(base, (slots) => {
    const sessions = Array.from({ length: slots }, (): Clicks => new Map());
    const reached = new Reached(base.length);
    return {
      follow(slot, item, starts) {
        if (starts) sessions[slot].clear();
        click(sessions[slot], item);
      },
      score(slot, set) {
        reached.read(sessions[slot], tables);
        for (const item of reached.items) set(item, base[item] + dot(reached.rowOf(item), weights));
      },
    };
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let f = 0; f < F; f++) sum += a[f] * b[f];
  return sum;
}

function countTables(data: BaselineData): Tables {
  const { support, train } = data;
  const pruning = Math.ceil(Math.min(200, 5e7 / support.length));
  const { similarities: scores, ...near } = findNeighbours(
    distinctItems(train.sessionOffsets, train.items, support.length),
    support.length,
    { neighbours: pruning, lambda: LAMBDA, weigh: (items) => 1 / Math.sqrt(Math.max(1, items - 1)) },
  );
  const next = { weigh: () => [1, 1] as const, repeats: false, pruning, lambda: LAMBDA };
  return {
    together: { ...near, scores },
    after: countRules(data, { ...next, before: 0, after: 1 }),
    before: countRules(data, { ...next, before: 1, after: 0 }),
  };
}

type Clicks = Map<number, number>;

function click(clicks: Clicks, item: number): void {
  const count = clicks.get(item) ?? 0;
  clicks.delete(item);
  clicks.set(item, count + 1);
}

/** The items that a session reaches, and their features [F] without support. */
class Reached {
  readonly items: number[] = [];
  readonly #rows: Float64Array[] = [];
  /** [I] 1 + the row of an item, else 0. */
  readonly #places: Int32Array;

  constructor(itemCount: number) {
    this.#places = new Int32Array(itemCount);
  }

  /** A view, of zeros for an item that was not reached. */
  rowOf(item: number): Float64Array {
    if (this.#places[item] === 0) {
      const place = this.items.push(item);
      this.#places[item] = place;
      this.#rows[place - 1] ??= new Float64Array(F);
      this.#rows[place - 1].fill(0);
    }
    return this.#rows[this.#places[item] - 1];
  }

  read(clicks: Clicks, { together, after, before }: Tables): void {
    for (const item of this.items) this.#places[item] = 0;
    this.items.length = 0;
    const history = [...clicks].reverse();
    for (const [k, [item]] of history.slice(0, LAST).entries()) {
      const share = DECAY ** k;
      for (const [f, { offsets, items, scores }] of [together, after, before, after].entries()) {
        if (f === AFTER_LAST && k > 0) continue;
        for (let pair = offsets[item]; pair < offsets[item + 1]; pair++)
          this.rowOf(items[pair])[f] += share * scores[pair];
      }
    }
    for (const features of this.#rows.slice(0, this.items.length)) {
      for (let f = 0; f <= AFTER_LAST; f++) features[f] = Math.log1p(features[f] / SCALES[f]);
      features[REACHED] = 1;
    }
    const mean = history.reduce((sum, [, count]) => sum + Math.log(count), 0) / history.length;
    for (const [k, [item, count]] of history.entries()) {
      this.rowOf(item).set([0, 0, 0, 0, 0, 1, Number(k === 0), Math.log1p(k), Math.log(count), mean]);
    }
  }
}

/** Sessions that are fitted to. Items compete with a click that score best by the prior, or are most popular. */
const FITTED = 2500;
const RIVALS = 100;
const POPULAR = 20;

function fitWeights({ support, train: { sessionOffsets, items } }: BaselineData): Float64Array {
  const long = Array.from(sessionOffsets.keys()).filter(
    (session) => sessionOffsets[session] - sessionOffsets[session - 1] > 1,
  );
  const every = Math.ceil(long.length / FITTED);
  const fitted = long.filter((_, place) => (long.length - 1 - place) % every === 0);
  const heldOut = new Set(fitted.map((session) => sessionOffsets[session] - 1));
  let before = 0;
  const train = {
    sessionOffsets: sessionOffsets.map(
      (end, session) => end - (fitted[before] === session ? ++before : before),
    ),
    items: items.filter((_, event) => !heldOut.has(event)),
  };
  const counted = new Float64Array(support.length);
  for (const item of train.items) counted[item]++;
  const popular = topItems(counted, POPULAR);
  const tables = countTables({ support: counted, train });
  const reached = new Reached(support.length);
  const rowOf = (item: number): Float64Array => {
    const row = reached.rowOf(item);
    row[SUPPORT] = Math.log1p(counted[item]);
    return row;
  };
  const choices = fitted.flatMap((session): Choice[] => {
    const target = sessionOffsets[session] - 1;
    const clicks: Clicks = new Map();
    for (const item of items.subarray(sessionOffsets[session - 1], target)) click(clicks, item);
    reached.read(clicks, tables);
    const others = reached.items.filter((item) => !clicks.has(item));
    const scores = Float64Array.from(others, (item) => dot(rowOf(item), PRIOR));
    const best = topItems(scores, RIVALS);
    const rivals = new Set([...clicks.keys(), ...Array.from(best, (place) => others[place]), ...popular]);
    const chosen = [...rivals].indexOf(items[target]);
    if (chosen < 0) return [];
    const values = Float64Array.from([...rivals].flatMap((item) => [...rowOf(item)]));
    const ends = Int32Array.from(rivals, (_, place) => (place + 1) * F);
    return [{ ends, columns: Uint16Array.from(values, (_, place) => place % F), values, chosen }];
  });
  return minimize(
    (x) => conditionalLogit(choices, x, towardsPrior),
    PRIOR,
    () => true,
  );
}

const towardsPrior: Penalty = (x, gradient, hessian) => {
  const apart = x.map((weight, f) => weight - PRIOR[f]);
  for (const [f, by] of apart.entries()) {
    gradient[f] += by;
    hessian[f * F + f] += 1;
  }
  return dot(apart, apart) / 2;
};
