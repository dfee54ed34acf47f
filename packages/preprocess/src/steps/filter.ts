import type { EventSet } from '../events/event-set.ts';
import type { CheckedOptions } from '../options.ts';
import { splitNumbers } from './split-numbers.ts';

/** One filter: its name in the funnel, and how it removes events. */
export interface Filter {
  readonly step: string;
  readonly apply: (events: EventSet) => Promise<void>;
}

/**
 * The filters of one round, in order: repeats, session length, item support. Repeats and session length follow again,
 * because removing items shortens sessions and makes new repeats.
 */
export function filterRound(options: CheckedOptions): Filter[] {
  const { minItemSupport } = options;
  const bySession = sessionFilters(options);
  if (minItemSupport === 1) return bySession;
  const bySupport: Filter = {
    step: `items of fewer than ${minItemSupport} events`,
    apply: (events) => events.keepItems(minItemSupport),
  };
  return [...bySession, bySupport, ...bySession];
}

/**
 * The filters that depend only on single sessions.
 *
 * @param split - filters only sessions of this split.
 */
export function sessionFilters(options: CheckedOptions, split?: number): Filter[] {
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

/** Removes items from a split that do not occur in the training split. */
export function unknownItems(split: 'validation' | 'test'): Filter {
  return {
    step: 'items unknown to training',
    apply: (events) => events.removeUnknown(splitNumbers[split]),
  };
}
