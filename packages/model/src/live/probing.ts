import { RandomStream } from '@gru4rec/random';
import type { LiveEngine } from './live-engine.ts';

/** What lists of a large model read of its items. */
export interface Probing {
  /** Part of the items. */
  readonly share: number;
  /** Part of the items of exact lists of 20 that lists have, in sessions that the model made up. */
  readonly recall: number;
}

/** Sessions that are made up, and the clicks of each. Lists follow every click. */
const SESSIONS = 192;
const CLICKS = 3;
const LISTED = 20;
/** Parts of the items to try, and the recall from which one is good enough. */
const SHARES = [0.0025, 0.0035, 0.005, 0.007, 0.01, 0.014, 0.02, 0.028, 0.04];
const LEAST_RECALL = 0.99;

/** A session after a click, and its exact list. */
interface Trial {
  readonly state: Float32Array;
  readonly items: ReadonlySet<number>;
}

/**
 * Groups the items of a model, and finds the least part of them that lists must read.
 *
 * @param popularity - [I] weight of each item as the first of a session.
 * @returns undefined if lists stay exact.
 */
export function probeLists(live: LiveEngine, popularity: Float32Array): Probing | undefined {
  const trials = makeTrials(live, popularity);
  if (trials.length === 0 || !live.group(trials.map(({ state }) => state))) return undefined;
  for (const share of SHARES) {
    live.probe(share);
    const recall = recallOf(live, trials);
    if (recall >= LEAST_RECALL) return { share, recall };
  }
  live.ungroup();
  return undefined;
}

/** Sessions that start with an item by popularity and go on with one of the list. */
function makeTrials(live: LiveEngine, popularity: Float32Array): Trial[] {
  const random = new RandomStream(1, 'probing');
  let most = 0;
  const sums = Float64Array.from(popularity, (weight) => {
    most += weight;
    return most;
  });
  let clicks = Array.from({ length: SESSIONS }, () => firstAbove(sums, random.nextFloat() * most));
  const states = clicks.map(() => new Float32Array(live.stateLength));
  const trials: Trial[] = [];
  for (let click = 0; click < CLICKS; click++) {
    for (const [session, state] of states.entries()) live.advance([{ state, item: clicks[session] ?? 0 }]);
    const lists = live.best(states, LISTED) ?? [];
    for (const [session, { items }] of lists.entries()) {
      trials.push({
        state: (states[session] ?? new Float32Array()).slice(),
        items: new Set(items.subarray(0, LISTED)),
      });
    }
    clicks = lists.map(({ items }) => items[random.nextBelow(Math.min(LISTED, items.length))] ?? 0);
  }
  return trials;
}

/** The first place whose sum exceeds a number; the last if none does. */
function firstAbove(sums: Float64Array, number: number): number {
  let [from, to] = [0, sums.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sums[middle] as number) > number) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The part of the items of exact lists that lists have. */
function recallOf(live: LiveEngine, trials: readonly Trial[]): number {
  const states = trials.map(({ state }) => state);
  const lists = live.best(states, LISTED) ?? [];
  let [found, all] = [0, 0];
  for (const [at, { items }] of trials.entries()) {
    for (const item of lists[at]?.items.subarray(0, LISTED) ?? []) found += Number(items.has(item));
    all += items.size;
  }
  return found / all;
}
