import type { CheckedOptions } from '../options.ts';

/** The columns that the options name, in the order of table `raw`; the first holds the session or the user. */
export interface ColumnNames {
  readonly session: string;
  readonly item: string;
  readonly time: string;
  readonly event: string | undefined;
}

/** The columns that the options name. */
export function columnNames(options: CheckedOptions): ColumnNames {
  const { userColumn, sessionColumn: session, itemColumn: item, timeColumn: time, eventColumn } = options;
  return { session: userColumn ?? session, item, time, event: eventColumn };
}

/** The keys that are read of a JSON line. */
export interface LineKeys {
  /** Of the line's own object. */
  readonly line: readonly string[];
  /** The key that lists a session's events, where a line is a session. */
  readonly eventsField: string | undefined;
  /** Of each of those events. */
  readonly event: readonly string[];
}

/** The keys that are read of a JSON line. */
export function lineKeys(options: CheckedOptions): LineKeys {
  const { session, item, time, event } = columnNames(options);
  const { eventsField } = options;
  const ofEvent = [item, time, ...(event === undefined ? [] : [event])];
  if (eventsField === undefined) return { line: [session, ...ofEvent], eventsField, event: [] };
  return { line: [session, eventsField], eventsField, event: ofEvent };
}
