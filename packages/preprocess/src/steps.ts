import { optionError } from '@gru4rec/checks';
import { DataError } from '@gru4rec/dataset';
import { type EventSet, splitNumbers, type TimeSpread } from './events/event-set.ts';
import type { AppendOptions, CheckedOptions } from './options.ts';
import { type CutSplit, heldOutSplits, type SplitRule, splitRule } from './split-options.ts';

/** `all` before the dataset is split. */
export type FunnelSplit = 'all' | 'train' | 'validation' | 'test';

/** Counts of a split after a step. */
export interface FunnelRow {
  readonly split: FunnelSplit;
  readonly step: string;
  readonly events: number;
  /** Null before users' events are cut into sessions. */
  readonly sessions: number | null;
  readonly items: number;
  readonly removedEvents: number;
}

export type RowsCounted = Omit<FunnelRow, 'split' | 'removedEvents'>;

/** The number of removed events is the difference to the previous row of the split. */
export class Funnel {
  readonly #rows: FunnelRow[] = [];

  get rows(): readonly FunnelRow[] {
    return this.#rows;
  }

  events(splits: readonly FunnelSplit[]): number {
    const eventsOf = (split: FunnelSplit) => this.#rows.findLast((row) => row.split === split)?.events ?? 0;
    return splits.reduce((sum, split) => sum + eventsOf(split), 0);
  }

  async record(events: EventSet, step: string, splits: readonly FunnelSplit[]): Promise<void> {
    for (const split of splits) {
      this.add(split, step, await events.count(split === 'all' ? undefined : splitNumbers[split]));
    }
  }

  add(split: FunnelSplit, step: string, counts: Omit<RowsCounted, 'step'>): void {
    const before = this.#rows.findLast((row) => row.split === split);
    this.#rows.push({
      split,
      step,
      ...counts,
      removedEvents: (before?.events ?? counts.events) - counts.events,
    });
  }
}

interface Filter {
  readonly step: string;
  readonly apply: (events: EventSet) => Promise<void>;
}

/** Filters of sessions follow again, because removing items shortens sessions. */
export function allFilters(options: CheckedOptions): Filter[] {
  const { minItemSupport } = options;
  const bySession = sessionFilters(options);
  const bySupport: Filter = {
    step: `items of fewer than ${minItemSupport} events`,
    apply: (events) => events.keepItems(minItemSupport, splitNumbers.train),
  };
  return minItemSupport === 1 ? bySession : [...bySession, bySupport, ...bySession];
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
  const ofLength = (step: string, from: number, to: number): Filter => ({
    step: `sessions of ${step} events`,
    apply: (events) => events.keepSessions(from, to, split),
  });
  return [
    ...(collapseRepeats ? [repeats] : []),
    ...(most === undefined ? [] : [ofLength(`more than ${most}`, 0, most)]),
    ...(least === 1 ? [] : [ofLength(`fewer than ${least}`, least, Number.MAX_SAFE_INTEGER)]),
  ];
}

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
  readonly sessions: number;
  readonly file: string;
}

/** By the time of the last event; by days, the rule of the usual RSC15 preprocessing. */
export async function cutOff(events: EventSet, { split, rule, sessions, file }: Cut): Promise<void> {
  const to = splitNumbers[split];
  if ('fraction' in rule) return events.moveLatest(Math.round(rule.fraction * sessions), to);
  const last = await events.endTime();
  if ('days' in rule) return events.moveFrom(last - Math.round(rule.days * DAY_MS), to);
  if (rule.fromMs > last) {
    const [got, expected] = [rule.fromMs, last].map((ms) => new Date(ms).toISOString());
    throw optionError((message) => new DataError(message, { file }), {
      caller: 'prepare',
      option: `${split}From`,
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
    caller: 'append',
    option: 'inputs',
    remedy: 'lateSessions',
    problem:
      `expected sessions that start at ${expected} or later, the start of the last session of the dataset, ` +
      `got ${sessions} at ${got}, at ${file}. Prepare the dataset again from all files, or keep or drop them`,
  });
}

/** Fewer predictions give figures that vary by chance: at 1,000, a recall of 0.5 by ±0.03. */
const LEAST_PREDICTIONS = 1000;
const LEAST_SHARE = 0.01;
const LARGE_FRACTION = 0.1;
const HOUR_MS = 3_600_000;
/** Outliers are far if they are further from the others than two hours and than this share of the time of the others. */
const FAR = 0.1;

/** One line per end of the log that has outliers, and per small split. */
export async function splitWarnings(
  events: EventSet,
  options: CheckedOptions,
  funnel: Funnel,
): Promise<string[]> {
  const small = heldOutSplits(options).flatMap((split) => smallSplit(split, options, funnel));
  // The test events of another file may be of any time.
  if (options.testInputs !== undefined) return small;
  return [...outliers(await events.spread(OUTSIDE_BULK), options), ...small];
}

function smallSplit(split: CutSplit, options: CheckedOptions, funnel: Funnel): string[] {
  const { events = 0, sessions } = funnel.rows.findLast((row) => row.split === split) ?? {};
  const share = events / funnel.events(['train', ...heldOutSplits(options)]);
  const predictions = events - (sessions ?? 0);
  const flaws = [
    ...(predictions < LEAST_PREDICTIONS ? [`fewer than ${number(LEAST_PREDICTIONS)} predictions`] : []),
    ...(share < LEAST_SHARE ? ['less than 1 % of the events'] : []),
  ];
  if (flaws.length === 0) return [];
  const rule = splitRule(options, split);
  const isLarge = rule && 'fraction' in rule && rule.fraction >= LARGE_FRACTION;
  const advice =
    rule && !isLarge ? 'Hold out more, such as a tenth of the sessions' : 'Figures on it will vary by chance';
  const percent = (100 * share).toFixed(share < 0.01 ? 2 : 1);
  return [
    `The ${split} split has ${flaws.join(' and ')}: ${number(predictions)}, from ` +
      `${number(sessions ?? 0)} ${sessions === 1 ? 'session' : 'sessions'} of ${number(events)} events (${percent} %). ${advice}`,
  ];
}

function outliers({ first, low, high, last }: TimeSpread, { testDays }: CheckedOptions): string[] {
  const far = Math.max(2 * HOUR_MS, FAR * (high - low));
  const [from, to] = [low, high].map((ms) => new Date(ms).toISOString());
  const others = `the others, which are from ${from} to ${to}`;
  const counted =
    testDays === undefined ? '' : '. Days are counted from the last event: hold out a share, or from a date';
  return [
    ...(last - high > far
      ? [`The last 0.1 % of the events reach ${duration(last - high)} beyond ${others}${counted}`]
      : []),
    ...(low - first > far
      ? [`The first 0.1 % of the events begin ${duration(low - first)} before ${others}`]
      : []),
  ];
}

function duration(ms: number): string {
  const hours = ms / HOUR_MS;
  return hours < 48 ? `${Math.round(hours)} hours` : `${(hours / 24).toFixed(1)} days`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
