import type { CheckedOptions } from '../options.ts';
import type { EventCounts } from './event-counts.ts';
import { splitNumbers } from './sessionize.ts';

/** One filter: its name in the funnel, and how it removes events. */
export interface Filter {
  readonly step: string;
  readonly apply: (counts: EventCounts) => Promise<void>;
}

/**
 * The filters of one round, in order: repeats, session length, item support. Repeats and session length follow again,
 * because removing items shortens sessions and makes new repeats.
 *
 * @param hasKnownItems - whether the filter by support keeps the items of table `known_items`.
 */
export function filterRound(options: CheckedOptions, hasKnownItems = false): Filter[] {
  const bySession = sessionFilters(options);
  if (options.minItemSupport === 1) return bySession;
  return [...bySession, supportFilter(options.minItemSupport, hasKnownItems), ...bySession];
}

/**
 * The filters that depend only on single sessions.
 *
 * @param split - filters only sessions of this split.
 */
export function sessionFilters(options: CheckedOptions, split?: number): Filter[] {
  const { collapseRepeats, minSessionLength, maxSessionLength } = options;
  return [
    ...(collapseRepeats ? [repeats(split)] : []),
    ...(maxSessionLength === undefined ? [] : [lengthFilter('more', '<=', maxSessionLength, split)]),
    ...(minSessionLength === 1 ? [] : [lengthFilter('fewer', '>=', minSessionLength, split)]),
  ];
}

/** Removes items from a split that do not occur in the training split. */
export function unknownItems(split: 'validation' | 'test'): Filter {
  const { train } = splitNumbers;
  // Spark would broadcast all items for NOT IN.
  const isKnown = `EXISTS (SELECT 1 FROM item_counts k WHERE k.split = ${train} AND k.item = item_counts.item)`;
  return {
    step: 'items unknown to training',
    apply: (counts) => counts.keep('item', isKnown, splitNumbers[split]),
  };
}

function repeats(split: number | undefined): Filter {
  const from = split === undefined ? 'events' : `events WHERE split = ${split}`;
  return {
    step: 'repeats of the item before',
    apply: (counts) =>
      counts.remove({
        column: 'ord',
        among: `
          SELECT ord FROM (
            SELECT ord, item = lag(item) OVER (PARTITION BY session ORDER BY ord) AS is_repeat FROM ${from})
          WHERE is_repeat`,
        ...(split !== undefined && { split }),
      }),
  };
}

function lengthFilter(word: string, kept: string, length: number, split: number | undefined): Filter {
  return {
    step: `sessions of ${word} than ${length} events`,
    apply: (counts) => counts.keep('session', `events ${kept} ${length}`, split),
  };
}

/** Support counts only training events, and only training events are removed, not those of `testInputs`. */
function supportFilter(support: number, hasKnownItems: boolean): Filter {
  const isKnown = hasKnownItems ? 'OR item IN (SELECT item FROM known_items)' : '';
  return {
    step: `items of fewer than ${support} events`,
    apply: (counts) => counts.keep('item', `events >= ${support} ${isKnown}`, splitNumbers.train),
  };
}
