import type { SessionArrays } from '@gru4rec/metrics';

export interface TimedSessions extends SessionArrays {
  /** [events], milliseconds since 1970 UTC. */
  readonly times: BigInt64Array;
}

const LENGTHS = [1, 2, 3, 4, 5, 10, 20, 50, Number.POSITIVE_INFINITY];

export function sessionLengths({ sessionOffsets }: SessionArrays): {
  readonly mean: number;
  readonly median: number;
  readonly longest: number;
  readonly groups: readonly { readonly label: string; readonly count: number }[];
} {
  const lengths = Int32Array.from(
    sessionOffsets.subarray(1),
    (end, at) => end - (sessionOffsets[at] ?? 0),
  ).sort();
  const counts = LENGTHS.map(() => 0);
  for (const length of lengths) {
    const group = LENGTHS.findIndex((most) => length <= most);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  const groups = LENGTHS.map((most, at) => ({ label: labelOf(at, most), count: counts[at] ?? 0 }));
  return {
    mean: lengths.reduce((sum, length) => sum + length, 0) / lengths.length,
    median: lengths[(lengths.length - 1) >> 1] ?? 0,
    longest: lengths.at(-1) ?? 0,
    groups: groups.filter(({ label, count }) => count > 0 || label !== '1'),
  };
}

function labelOf(at: number, most: number): string {
  const least = (LENGTHS[at - 1] ?? 0) + 1;
  if (most === Number.POSITIVE_INFINITY) return `${least}+`;
  return least === most ? String(most) : `${least}–${most}`;
}

const RARE = 5;

/** `support`: [I] clicks per item, at least one of them positive. */
export function concentration(support: Int32Array): {
  /** Share of the clicks on the most clicked hundredth and tenth of the items. */
  readonly top1: number;
  readonly top10: number;
  readonly rare: number;
} {
  const sorted = Int32Array.from(support).sort().reverse();
  const sum = (clicks: Int32Array) => clicks.reduce((all, count) => all + count, 0);
  const ofTop = (share: number) => sum(sorted.subarray(0, Math.ceil(share * sorted.length))) / sum(sorted);
  return {
    top1: ofTop(0.01),
    top10: ofTop(0.1),
    rare: sorted.filter((clicks) => clicks < RARE).length / sorted.length,
  };
}

/** Shares of the predicted clicks. `type`: column of types in the context, or −1. */
export function repeats(
  { sessionOffsets, items, context }: SessionArrays & { readonly context?: Int32Array | undefined },
  type: number = -1,
): {
  readonly anyBefore: number;
  readonly justBefore: number;
  /** Repeats whose type is that of the click before, too: a cart after a view is none. */
  readonly reloads: number;
} {
  const width = (context?.length ?? 0) / items.length;
  const typeOf = (event: number) => (type < 0 ? 0 : context?.[event * width + type]);
  let [targets, any, just, reloads] = [0, 0, 0, 0];
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    const seen = new Set<number>();
    const [start, end] = [sessionOffsets[session] ?? 0, sessionOffsets[session + 1] ?? 0];
    for (let event = start; event < end; event++) {
      const item = items[event] ?? 0;
      if (event > start) {
        targets++;
        any += Number(seen.has(item));
        const isJust = item === items[event - 1];
        just += Number(isJust);
        reloads += Number(isJust && typeOf(event) === typeOf(event - 1));
      }
      seen.add(item);
    }
  }
  const [anyBefore, justBefore] = [any / targets || 0, just / targets || 0];
  return { anyBefore, justBefore, reloads: reloads / targets || 0 };
}

const DAY_MS = 86_400_000;
const PERIODS = 60;

export function eventsOverTime({ times }: TimedSessions): {
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodMs: number;
  readonly counts: readonly number[];
} {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    const ms = Number(time);
    if (ms < from) from = ms;
    if (ms > to) to = ms;
  }
  const periodMs = Math.max(1, Math.ceil((to - from + 1) / PERIODS));
  const counts = new Array<number>(Math.ceil((to - from + 1) / periodMs)).fill(0);
  for (const time of times) {
    const at = Math.floor((Number(time) - from) / periodMs);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { fromMs: from, toMs: to, periodMs, counts };
}

export function lifetimes(
  { items, times }: TimedSessions,
  itemCount: number,
): {
  /** Median days between the first and last click of items with at least two. */
  readonly medianDays: number;
  readonly withinDay: number;
} {
  const first = new Float64Array(itemCount).fill(Number.POSITIVE_INFINITY);
  const last = new Float64Array(itemCount).fill(Number.NEGATIVE_INFINITY);
  const clicks = new Int32Array(itemCount);
  for (const [event, item] of items.entries()) {
    const ms = Number(times[event]);
    first[item] = Math.min(first[item] ?? 0, ms);
    last[item] = Math.max(last[item] ?? 0, ms);
    clicks[item] = (clicks[item] ?? 0) + 1;
  }
  let within = 0;
  for (const [event, item] of items.entries()) {
    within += Number(Number(times[event]) - (first[item] ?? 0) <= DAY_MS);
  }
  const days = first.map((ms, item) => ((last[item] ?? 0) - ms) / DAY_MS);
  const several = days.filter((_, item) => (clicks[item] ?? 0) > 1).sort();
  return { medianDays: several[(several.length - 1) >> 1] ?? 0, withinDay: within / items.length };
}

/** Sessions of one or two items have those of another by chance. */
const LEAST_DISTINCT = 3;

export function duplicates(train: SessionArrays, heldOut: SessionArrays): number {
  const held = new Map<string, number>();
  let compared = 0;
  for (const key of itemSets(heldOut)) {
    held.set(key, (held.get(key) ?? 0) + 1);
    compared++;
  }
  let found = 0;
  for (const key of itemSets(train)) {
    found += held.get(key) ?? 0;
    held.delete(key);
  }
  return found / compared || 0;
}

function* itemSets({ sessionOffsets, items }: SessionArrays): Generator<string> {
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    const distinct = new Set(items.subarray(sessionOffsets[session], sessionOffsets[session + 1]));
    if (distinct.size >= LEAST_DISTINCT) yield [...distinct].sort((a, b) => a - b).join();
  }
}

/** Share of the training events later than the median of the held-out ones: 0 of a split by time. */
export function laterTraining(train: TimedSessions, heldOut: TimedSessions): number {
  const sorted = BigInt64Array.from(heldOut.times).sort();
  const median = sorted[(sorted.length - 1) >> 1] ?? 0n;
  return train.times.reduce((sum, time) => sum + Number(time > median), 0) / train.times.length;
}
