import type { EventSet } from '../events/event-set.ts';
import type { CheckedOptions } from '../options.ts';
import { type CutSplit, heldOutSplits } from '../split-options.ts';
import { splitNumbers } from './split-numbers.ts';

/** One filter: its name in the funnel, and how it removes events. */
export interface Filter {
  readonly step: string;
  readonly apply: (events: EventSet) => Promise<void>;
}

/** A filter that runs once. */
export interface FilterStep extends Filter {
  /** Name of the step in the progress. */
  readonly name: string;
}

/**
 * The filters of one round, in order: repeats, session length, item support. Repeats and session length follow again,
 * because removing items shortens sessions and makes new repeats.
 *
 * @param round - from 1.
 */
export function filterRound(options: CheckedOptions, round: number): FilterStep[] {
  const { minItemSupport } = options;
  const bySession = sessionFilters(options);
  const bySupport: Filter = {
    step: `items of fewer than ${minItemSupport} events`,
    apply: (events) => events.keepItems(minItemSupport, splitNumbers.train),
  };
  const filters = minItemSupport === 1 ? bySession : [...bySession, bySupport, ...bySession];
  return filters.map(({ step, apply }) => {
    const name = round === 1 ? step : `${step} (round ${round})`;
    return { name, step: name, apply };
  });
}

/** The filters of the validation and test sessions, in order. */
export function heldOutFilters(options: CheckedOptions): (FilterStep & { readonly split: CutSplit })[] {
  return heldOutSplits(options).flatMap((split) =>
    [unknownItems(split, options), ...sessionFilters(options, splitNumbers[split])].map((filter) => ({
      ...filter,
      name: `${split}: ${filter.step}`,
      split,
    })),
  );
}

/**
 * The filters that depend only on single sessions.
 *
 * @param split - filters only sessions of this split.
 */
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
