import type { DuckDb } from '../backends/duckdb.ts';
import type { CheckedOptions } from '../options.ts';
import { splitNumbers } from './sessionize.ts';

/** One filter: what it says in the funnel, and its statement. */
export interface Filter {
  readonly step: string;
  readonly sql: string;
}

/**
 * The filters of one round, in order: repeats, session length, item support; then, as removed items leave shorter
 * sessions and new repeats behind, repeats and session length again.
 */
export function filterRound(options: CheckedOptions): Filter[] {
  const bySession = sessionFilters(options);
  if (options.minItemSupport === 1) return bySession;
  return [...bySession, supportFilter(options.minItemSupport), ...bySession];
}

/** The filters that look at sessions alone. */
export function sessionFilters(options: CheckedOptions): Filter[] {
  const { collapseRepeats, minSessionLength, maxSessionLength } = options;
  return [
    ...(collapseRepeats ? [repeats] : []),
    ...(maxSessionLength === undefined ? [] : [lengthFilter('more', '>', maxSessionLength)]),
    ...(minSessionLength === 1 ? [] : [lengthFilter('fewer', '<', minSessionLength)]),
  ];
}

/** Removes items that do not occur in the training split from another. */
export function unknownItems(split: 'validation' | 'test'): Filter {
  return {
    step: 'items unknown to training',
    sql: `
      DELETE FROM events WHERE split = ${splitNumbers[split]}
        AND item NOT IN (SELECT item FROM events WHERE split = ${splitNumbers.train})`,
  };
}

const repeats: Filter = {
  step: 'repeats of the item before',
  sql: `
    DELETE FROM events WHERE ord IN (
      SELECT ord FROM (
        SELECT ord, item = lag(item) OVER (PARTITION BY session ORDER BY ord) AS is_repeat FROM events)
      WHERE is_repeat)`,
};

function lengthFilter(word: string, comparison: string, length: number): Filter {
  return {
    step: `sessions of ${word} than ${length} events`,
    sql: `
      DELETE FROM events WHERE session IN (
        SELECT session FROM events GROUP BY session HAVING count(*) ${comparison} ${length})`,
  };
}

/** A given test split neither counts towards an item's support nor loses items by it. */
function supportFilter(support: number): Filter {
  return {
    step: `items of fewer than ${support} events`,
    sql: `
      DELETE FROM events WHERE split = ${splitNumbers.train} AND item IN (
        SELECT item FROM events WHERE split = ${splitNumbers.train} GROUP BY item HAVING count(*) < ${support})`,
  };
}

/** Removes by one filter. */
export async function applyFilter(db: DuckDb, filter: Filter): Promise<void> {
  await db.run(filter.sql);
}
