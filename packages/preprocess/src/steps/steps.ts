import { optionError } from '@gru4rec/checks';
import { DataError } from '@gru4rec/dataset';
import { type EventSet, splitNumbers } from '../events/event-set.ts';
import type { AppendOptions, CheckedOptions } from '../options.ts';
import { type CutSplit, heldOutSplits, type SplitRule } from '../split-options.ts';

interface Filter {
  /** Its name in the funnel. */
  readonly step: string;
  readonly apply: (events: EventSet) => Promise<void>;
}

/** The filters of a round, from 1. Those of sessions follow again, because removing items shortens sessions. */
export function filterRound(options: CheckedOptions, round: number): Filter[] {
  const { minItemSupport } = options;
  const bySession = sessionFilters(options);
  const bySupport: Filter = {
    step: `items of fewer than ${minItemSupport} events`,
    apply: (events) => events.keepItems(minItemSupport, splitNumbers.train),
  };
  const filters = minItemSupport === 1 ? bySession : [...bySession, bySupport, ...bySession];
  return filters.map(({ step, apply }) => ({
    step: round === 1 ? step : `${step} (round ${round})`,
    apply,
  }));
}

/** The filters of the validation and test sessions, in order. */
export function heldOutFilters(options: CheckedOptions): (Filter & { readonly split: CutSplit })[] {
  return heldOutSplits(options).flatMap((split) =>
    [unknownItems(split, options), ...sessionFilters(options, splitNumbers[split])].map((filter) => ({
      ...filter,
      split,
    })),
  );
}

/** The filters that depend only on single sessions. @param split - filters only sessions of this split. */
function sessionFilters(options: CheckedOptions, split?: number): Filter[] {
  const { collapseRepeats, minSessionLength: least, maxSessionLength: most } = options;
  const repeats: Filter = {
    step: 'repeats of the item before',
    apply: (events) => events.removeRepeats(split),
  };
  const long: Filter = {
    step: `sessions of more than ${most} events`,
    apply: (events) => events.keepSessions({ most }, split),
  };
  const short: Filter = {
    step: `sessions of fewer than ${least} events`,
    apply: (events) => events.keepSessions({ least }, split),
  };
  return [
    ...(collapseRepeats ? [repeats] : []),
    ...(most === undefined ? [] : [long]),
    ...(least === 1 ? [] : [short]),
  ];
}

/** Removes items from a split that occur neither in the training split nor in the items file. */
function unknownItems(split: CutSplit, { items }: CheckedOptions): Filter {
  return {
    step: items === undefined ? 'items unknown to training' : 'items unknown to training and the items file',
    apply: (events) => events.keepItems(1, splitNumbers[split]),
  };
}

const DAY_MS = 86_400_000;
/** Share of the training events that are later than the bulk of them. */
const OUTSIDE_BULK = 0.001;

export interface Cut {
  readonly split: CutSplit;
  readonly rule: SplitRule;
  /** Training sessions before any split. */
  readonly sessions: number;
  /** Named in errors. */
  readonly file: string;
}

/** Moves training sessions to a split by the time of their last event; by days, the rule of the usual RSC15 preprocessing. */
export async function cutOff(events: EventSet, { split, rule, sessions, file }: Cut): Promise<void> {
  const to = splitNumbers[split];
  if ('fraction' in rule) return events.moveLatest(Math.round(rule.fraction * sessions), to);
  if ('days' in rule) {
    const end = await events.endTime(rule.fromBulk ? OUTSIDE_BULK : 0);
    return events.moveFrom(end - Math.round(rule.days * DAY_MS), to);
  }
  const last = await events.endTime(0);
  if (rule.fromMs > last) {
    const [got, expected] = [rule.fromMs, last].map((ms) => new Date(ms).toISOString());
    throw optionError((message) => new DataError(message, { file }), {
      ...{ caller: 'prepare', option: `${split}From` },
      problem: `expected a time up to ${expected}, when the last session ends, got ${got}, at ${file}. Choose an earlier time.`,
    });
  }
  await events.moveFrom(rule.fromMs, to);
}

/** Which new sessions start too early to follow those of the dataset, and what to do with them. */
export interface LateSessions {
  /** Milliseconds since 1970 UTC: a session that starts earlier is late. */
  readonly before: number;
  /** Undefined: late sessions are refused. */
  readonly policy: AppendOptions['lateSessions'];
}

export async function countLate(
  events: EventSet,
  { before, policy }: LateSessions,
  file: string,
): Promise<number> {
  const { late, first } = await events.findLate(before);
  if (late === 0 || policy !== undefined) return late;
  const [expected, got] = [before, first].map((ms) => new Date(ms).toISOString());
  const sessions =
    late === 1 ? '1 session that starts earlier,' : `${late} sessions that start earlier, the first`;
  throw optionError((message) => new DataError(message, { file }), {
    ...{ caller: 'append', option: 'inputs', remedy: 'lateSessions' },
    problem:
      `expected sessions that start at ${expected} or later, the start of the last session of the dataset, ` +
      `got ${sessions} at ${got}, at ${file}. Prepare the dataset again from all files, or keep or drop them`,
  });
}
