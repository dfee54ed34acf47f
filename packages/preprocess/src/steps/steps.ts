import { optionError } from '@gru4rec/checks';
import { DataError } from '@gru4rec/dataset';
import { type EventSet, splitNumbers } from '../events/event-set.ts';
import type { AppendOptions, CheckedOptions } from '../options.ts';
import { type CutSplit, heldOutSplits, type SplitRule } from '../split-options.ts';

interface Filter {
  readonly step: string;
  readonly apply: (events: EventSet) => Promise<void>;
}

/** From 1. Filters of sessions follow again, because removing items shortens sessions. */
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

export function heldOutFilters(options: CheckedOptions): (Filter & { readonly split: CutSplit })[] {
  return heldOutSplits(options).flatMap((split) =>
    [unknownItems(split, options), ...sessionFilters(options, splitNumbers[split])].map((filter) => ({
      ...filter,
      split,
    })),
  );
}

/** @param split - filters only sessions of this split. */
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

/** Items that occur neither in the training split nor in the items file. */
function unknownItems(split: CutSplit, { items }: CheckedOptions): Filter {
  return {
    step: items === undefined ? 'items unknown to training' : 'items unknown to training and the items file',
    apply: (events) => events.keepItems(1, splitNumbers[split]),
  };
}

const DAY_MS = 86_400_000;
const OUTSIDE_BULK = 0.001;

export interface Cut {
  readonly split: CutSplit;
  readonly rule: SplitRule;
  /** Before any split. */
  readonly sessions: number;
  readonly file: string;
}

/** By the time of the last event; by days, the rule of the usual RSC15 preprocessing. */
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

export interface LateSessions {
  /** Milliseconds since 1970 UTC; earlier sessions are late. */
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
