import { topItems } from '@gru4rec/metrics';
import type { FloatArray } from '@gru4rec/program';
import type { Freshness } from '../freshness.ts';
import type { ScoringOptions } from '../scoring.ts';
import type { TimedArrays } from './count-freshness.ts';
import { scoredClicks } from './scored-clicks.ts';

/** Items that compete with a target: per half-life those with the most recent clicks, and those with the greatest scores. */
const POPULAR = 100;
const BEST = 20;

/** A held-out click, with the scores of the items that freshness can move it past. */
export interface FreshClick {
  /** Time of the click before it. */
  readonly timeMs: number;
  /** The clicked item, then the others. */
  readonly items: Int32Array;
  /** Of `items`, without freshness. */
  readonly scores: Float64Array;
}

/**
 * Scores the clicks of held-out sessions without freshness. A click whose item is neither recently popular nor among
 * the best is left out.
 *
 * @param options - as of `scoredClicks`.
 * @param popularAt - item indices, none twice.
 */
export async function collectFreshClicks(
  options: Omit<ScoringOptions, 'slots'>,
  sessions: TimedArrays,
  popularAt: (timeMs: number) => Int32Array,
  pause: () => Promise<void> | undefined,
): Promise<FreshClick[]> {
  const clicks: FreshClick[] = [];
  for await (const { scores, target, start, place } of scoredClicks(options, sessions, pause)) {
    const own = sessions.items.subarray(start, place + 1);
    const timeMs = Number(sessions.times[place]);
    const items = competitors(scores, popularAt(timeMs), { target, own });
    if (!items) continue;
    clicks.push({ timeMs, items, scores: Float64Array.from(items, (item) => Number(scores[item])) });
  }
  return clicks;
}

/**
 * The target, then the other popular and best items; undefined if the target is none of them. The session's own items do not
 * compete: each has just been clicked, and what is clicked again is for the repeat bias to say.
 */
function competitors(
  scores: FloatArray,
  popular: Int32Array,
  { target, own }: { readonly target: number; readonly own: Int32Array },
): Int32Array | undefined {
  const order = topItems(scores, BEST);
  if (!popular.includes(target) && !order.includes(target)) return undefined;
  const items = new Set([...popular, ...order]);
  for (const item of [target, ...own]) items.delete(item);
  return Int32Array.from([target, ...items]);
}

/** Times at which the items with the most recent clicks are listed, at equal numbers of clicks. */
const LISTS = 200;

/**
 * The items with the most recent clicks as time passes.
 *
 * @param freshness - has counted the training sessions; counts `counted` too.
 * @param counted - all held-out sessions.
 * @returns gives the items at a time, none twice.
 */
export function recentlyPopular(freshness: Freshness, counted: TimedArrays): (timeMs: number) => Int32Array {
  const lists: { readonly timeMs: number; readonly items: Int32Array }[] = [];
  const events = inTime(counted);
  const every = Math.ceil(events.length / LISTS);
  for (const [at, event] of events.entries()) {
    const timeMs = Number(counted.times[event]);
    if (at % every === 0) lists.push({ timeMs, items: freshness.mostClicked(POPULAR) });
    freshness.observe(Number(counted.items[event]), timeMs);
  }
  return (timeMs) => {
    const after = lists.findIndex((list) => list.timeMs >= timeMs);
    return (lists.at(after < 0 ? -1 : Math.max(0, after - 1)) as (typeof lists)[number]).items;
  };
}

/** The places of all events, in order of time. */
function inTime({ times }: TimedArrays): number[] {
  return Array.from(times.keys()).sort((a, b) => Number(times[a]) - Number(times[b]));
}

/**
 * What `freshness` says of the items of each click at its time.
 *
 * @param freshness - has counted the training sessions; counts `counted` too, each click before those that are later.
 * @param counted - all held-out sessions.
 * @returns [N × F] per click (fresh).
 */
export function describeAll(
  freshness: Freshness,
  counted: TimedArrays,
  clicks: readonly FreshClick[],
): Float32Array[] {
  const described: Float32Array[] = Array(clicks.length);
  const events = inTime(counted);
  const order = Array.from(clicks.keys()).sort(
    (a, b) => Number(clicks[a]?.timeMs) - Number(clicks[b]?.timeMs),
  );
  let next = 0;
  for (const at of order) {
    const { timeMs, items } = clicks[at] as FreshClick;
    for (; next < events.length && Number(counted.times[events[next] as number]) < timeMs; next++) {
      const event = events[next] as number;
      freshness.observe(Number(counted.items[event]), Number(counted.times[event]));
    }
    const x = new Float32Array(items.length * freshness.width);
    freshness.describe(items, timeMs, x);
    described[at] = x;
  }
  return described;
}
