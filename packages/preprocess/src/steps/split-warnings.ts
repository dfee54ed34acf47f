import { type EventHours, splitNumbers } from '../events/event-set.ts';
import type { FunnelRow } from '../funnel.ts';
import type { CheckedOptions } from '../options.ts';
import { type CutSplit, heldOutSplits, splitRule } from '../split-options.ts';

/** Fewer predictions give figures that vary by chance: at 1,000, a recall of 0.5 by ±0.03. */
const LEAST_PREDICTIONS = 1000;
const LEAST_SHARE = 0.01;
const LARGE_FRACTION = 0.1;
/** Share of the events that count as outliers if they are far from the others. */
const OUTLYING = 0.001;
/** Far is more than this share of the time between the others. */
const FAR = 0.1;
const LEAST_FAR_HOURS = 2;

export interface Facts {
  readonly options: CheckedOptions;
  readonly funnel: readonly FunnelRow[];
  /** By the number of the split. */
  readonly hours: ReadonlyMap<number, EventHours>;
}

/** One line per small split, and per end of the log that has outliers. */
export function splitWarnings(facts: Facts): string[] {
  return [...outliers(facts), ...heldOutSplits(facts.options).flatMap((split) => smallSplit(split, facts))];
}

function smallSplit(split: CutSplit, { options, funnel, hours }: Facts): string[] {
  const countsOf = (name: string) => funnel.findLast((row) => row.split === name);
  const { events = 0, sessions = 0 } = countsOf(split) ?? {};
  const others = ['train', ...heldOutSplits(options)].map((name) => countsOf(name)?.events ?? 0);
  const share = events / others.reduce((sum, own) => sum + own, 0);
  const predictions = events - (sessions ?? 0);
  if (predictions >= LEAST_PREDICTIONS && share >= LEAST_SHARE) return [];
  const flaws = [
    ...(predictions < LEAST_PREDICTIONS ? [`fewer than ${number(LEAST_PREDICTIONS)} predictions`] : []),
    ...(share < LEAST_SHARE ? ['less than 1 % of the events'] : []),
  ];
  const rule = splitRule(options, split);
  const isLarge = rule && 'fraction' in rule && rule.fraction >= LARGE_FRACTION;
  const advice =
    rule && !isLarge ? 'Hold out more, such as a tenth of the sessions' : 'Figures on it will vary by chance';
  return [
    `The ${split} split has ${flaws.join(' and ')}: ${number(predictions)}, from ${number(sessions ?? 0)} ${sessions === 1 ? 'session' : 'sessions'} of ` +
      `${number(events)} events (${percent(share)}). Its times: ${describeTimes(hours.get(splitNumbers[split]) ?? [])}; ` +
      `those of training: ${describeTimes(hours.get(splitNumbers.train) ?? [])}. ${advice}`,
  ];
}

function outliers({ options, hours }: Facts): string[] {
  const all = merged([...hours.values()]);
  const { first, low, high, last } = quantiles(all);
  const far = Math.max(LEAST_FAR_HOURS, FAR * (high - low));
  const { testDays, testEnd = 'last', testInputs } = options;
  const counted =
    testDays === undefined || testEnd === 'bulk'
      ? ''
      : '. Days are counted from the last event: hold out a share, or from a date';
  const spanned = `the others, which span ${duration(high - low)}`;
  const times = `The times: ${describeTimes(all)}`;
  // The test events of another file may be of any time.
  if (testInputs !== undefined) return [];
  return [
    ...(last - high > far
      ? [`The last 0.1 % of the events reach ${duration(last - high)} beyond ${spanned}. ${times}${counted}`]
      : []),
    ...(low - first > far
      ? [`The first 0.1 % of the events begin ${duration(low - first)} before ${spanned}. ${times}`]
      : []),
  ];
}

/** Hours since 1970: first and last event, and between which all but 0.1 % at either end lie. */
function quantiles(hours: EventHours): { first: number; low: number; high: number; last: number } {
  const events = hours.reduce((sum, own) => sum + own.events, 0);
  const outside = Math.floor(events * OUTLYING);
  return {
    first: hourAt(hours, 0),
    low: hourAt(hours, outside),
    high: hourAt(hours, events - 1 - outside),
    last: hourAt(hours, events - 1),
  };
}

/** From 0 in order of time. */
function hourAt(hours: EventHours, rank: number): number {
  let before = 0;
  for (const { hour, events } of hours) {
    before += events;
    if (rank < before) return hour;
  }
  return hours.at(-1)?.hour ?? 0;
}

function merged(splits: readonly EventHours[]): EventHours {
  const events = new Map<number, number>();
  for (const { hour, events: own } of splits.flat()) events.set(hour, (events.get(hour) ?? 0) + own);
  return [...events].map(([hour, own]) => ({ hour, events: own })).sort((a, b) => a.hour - b.hour);
}

/** To the hour. */
function describeTimes(hours: EventHours): string {
  const events = hours.reduce((sum, own) => sum + own.events, 0);
  if (events === 0) return 'none';
  const { first, low, high, last } = quantiles(hours);
  const median = hourAt(hours, Math.floor((events - 1) / 2));
  const named = { first, '0.1 %': low, half: median, '99.9 %': high, last };
  return Object.entries(named)
    .map(([name, hour]) => `${name} ${date(hour)}`)
    .join(', ');
}

/** `2026-05-01 09h`, in UTC. */
function date(hour: number): string {
  const text = new Date(hour * 3_600_000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 13)}h`;
}

function duration(hours: number): string {
  return hours < 48 ? `${hours} hours` : `${(hours / 24).toFixed(1)} days`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
}
