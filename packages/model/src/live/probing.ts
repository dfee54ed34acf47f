import { RandomStream } from '@gru4rec/random';
import type { LiveEngine } from './live-engine.ts';

/** What lists of a large model read of its items. */
export interface Probing {
  readonly share: number;
  /**
   * Part of the items of exact lists of 20 that lists have, on average, in made-up sessions that had no part in the grouping. Half of
   * them begin with items by popularity, the others with any items: the figure of the half that has less.
   */
  readonly recall: number;
  /** 5th percentile of that part over the lists, of the half that has less. */
  readonly recallP5: number;
}

/** Sessions of a kind that are made up, and the clicks of each. Lists follow every click. */
const SESSIONS = 96;
const CLICKS = 3;
const LISTED = 20;
/** Parts of the items to try, and what one must reach in either kind of sessions. */
const SHARES = [0.0025, 0.0035, 0.005, 0.007, 0.01, 0.014, 0.02, 0.028, 0.04];
const LEAST_RECALL = 0.99;
const LEAST_P5 = 0.9;

interface Trial {
  readonly state: Float32Array;
  readonly items: ReadonlySet<number>;
}

/**
 * Groups the items, and finds the least part of them that lists must read, in other sessions than it groups by; undefined if
 * lists stay exact. Rare items may lie in directions that popular sessions hardly use, so each kind must have good lists.
 * @param popularity - [I] weight of each item as the first of a session.
 */
export function probeLists(live: LiveEngine, popularity: Float32Array): Probing | undefined {
  const random = new RandomStream(1, 'probing');
  let most = 0;
  const sums = Float64Array.from(popularity, (weight) => {
    most += weight;
    return most;
  });
  const firsts = [
    () => Math.min(firstAbove(sums, random.nextFloat() * most), sums.length - 1),
    () => random.nextBelow(popularity.length),
  ];
  const [grouped = [], heldOut = []] = [1, 2].map(() =>
    firsts.map((first) => makeTrials(live, random, first)),
  );
  const states = grouped.flat().map(({ state }) => state);
  if (states.length === 0 || !live.group(states)) return undefined;
  for (const share of SHARES) {
    live.probe(share);
    const recalls = heldOut.map((trials) => recallsOf(live, trials));
    const recall = Math.min(...recalls.map((all) => all.reduce((sum, one) => sum + one, 0) / all.length));
    const recallP5 = Math.min(...recalls.map((all) => all[Math.floor(all.length / 20)] ?? 0));
    if (recall >= LEAST_RECALL && recallP5 >= LEAST_P5) return { share, recall, recallP5 };
  }
  live.ungroup();
  return undefined;
}

/** Sessions that go on with an item of the list. @param first - draws the item that a session begins with. */
function makeTrials(live: LiveEngine, random: RandomStream, first: () => number): Trial[] {
  let clicks = Array.from({ length: SESSIONS }, first);
  const states = clicks.map(() => new Float32Array(live.stateLength));
  const trials: Trial[] = [];
  for (let click = 0; click < CLICKS; click++) {
    for (const [session, state] of states.entries()) live.advance([{ state, item: clicks[session] ?? 0 }]);
    const lists = live.best(states, LISTED) ?? [];
    for (const [session, { items }] of lists.entries()) {
      const state = (states[session] ?? new Float32Array()).slice();
      trials.push({ state, items: new Set(items.subarray(0, LISTED)) });
    }
    clicks = lists.map(({ items }) => items[random.nextBelow(Math.min(LISTED, items.length))] ?? 0);
  }
  return trials;
}

/** The first place of a number above `limit` among ascending ones; their count if there is none. */
export function firstAbove(sorted: Float64Array, limit: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] > limit) to = middle;
    else from = middle + 1;
  }
  return from;
}

function recallsOf(live: LiveEngine, trials: readonly Trial[]): number[] {
  const states = trials.map(({ state }) => state);
  const lists = live.best(states, LISTED) ?? [];
  const recalls = trials.map(({ items }, at) => {
    const found = lists[at]?.items.subarray(0, LISTED).filter((item) => items.has(item)) ?? [];
    return found.length / items.size;
  });
  return recalls.sort((a, b) => a - b);
}
