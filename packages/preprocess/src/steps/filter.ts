import type { Selection } from '../backends/backend.ts';
import type { CheckedOptions } from '../options.ts';
import { splitNumbers } from './sessionize.ts';

/** One filter: its name in the funnel, and the events that it removes. */
export interface Filter {
  readonly step: string;
  readonly removed: Selection;
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

/** The filters that depend only on single sessions. */
export function sessionFilters(options: CheckedOptions): Filter[] {
  const { collapseRepeats, minSessionLength, maxSessionLength } = options;
  return [
    ...(collapseRepeats ? [repeats] : []),
    ...(maxSessionLength === undefined ? [] : [lengthFilter('more', '>', maxSessionLength)]),
    ...(minSessionLength === 1 ? [] : [lengthFilter('fewer', '<', minSessionLength)]),
  ];
}

/** Removes items from a split that do not occur in the training split. */
export function unknownItems(split: 'validation' | 'test'): Filter {
  return {
    step: 'items unknown to training',
    removed: {
      column: 'item',
      among: `SELECT DISTINCT item FROM events WHERE split = ${splitNumbers.train}`,
      isOutside: true,
      split: splitNumbers[split],
    },
  };
}

const repeats: Filter = {
  step: 'repeats of the item before',
  removed: {
    column: 'ord',
    among: `
      SELECT ord FROM (
        SELECT ord, item = lag(item) OVER (PARTITION BY session ORDER BY ord) AS is_repeat FROM events)
      WHERE is_repeat`,
  },
};

function lengthFilter(word: string, comparison: string, length: number): Filter {
  return {
    step: `sessions of ${word} than ${length} events`,
    removed: {
      column: 'session',
      among: `SELECT session FROM events GROUP BY session HAVING count(*) ${comparison} ${length}`,
    },
  };
}

/** Support counts only training events, and only training events are removed, not those of `testInputs`. */
function supportFilter(support: number, hasKnownItems: boolean): Filter {
  const split = splitNumbers.train;
  const isNew = hasKnownItems ? 'AND item NOT IN (SELECT item FROM known_items)' : '';
  return {
    step: `items of fewer than ${support} events`,
    removed: {
      column: 'item',
      among: `SELECT item FROM events WHERE split = ${split} ${isNew} GROUP BY item HAVING count(*) < ${support}`,
      split,
    },
  };
}
