import type { CheckedOptions } from '../options.ts';

/** The columns to read, in the order of table `raw`; the first is of sessions or users. */
export interface ColumnNames {
  readonly session: string;
  readonly item: string;
  readonly time: string;
  readonly event: string | undefined;
}

/** The column names in the options. */
export function columnNames(options: CheckedOptions): ColumnNames {
  const { userColumn, sessionColumn: session, itemColumn: item, timeColumn: time, eventColumn } = options;
  return { session: userColumn ?? session, item, time, event: eventColumn };
}

/** The keys to read from a JSON line. */
export interface LineKeys {
  /** Keys of the line's object. */
  readonly line: readonly string[];
  /** The key of the list of events, if a line is a session. */
  readonly eventsField: string | undefined;
  /** Keys of each event in that list. */
  readonly event: readonly string[];
}

/** The keys to read from a JSON line. */
export function lineKeys(options: CheckedOptions): LineKeys {
  const { session, item, time, event } = columnNames(options);
  const { eventsField } = options;
  const ofEvent = [item, time, ...(event === undefined ? [] : [event])];
  if (eventsField === undefined) return { line: [session, ...ofEvent], eventsField, event: [] };
  return { line: [session, eventsField], eventsField, event: ofEvent };
}
