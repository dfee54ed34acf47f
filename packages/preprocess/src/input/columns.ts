import type { CheckedOptions } from '../options.ts';

/** The columns to read, in the order of table `raw`; the first is of sessions or users. */
export interface ColumnNames {
  readonly session: string;
  readonly item: string;
  readonly time: string;
  readonly event: string | undefined;
  /** Further columns that the dataset keeps. */
  readonly context: readonly string[];
}

/** The column names in the options. */
export function columnNames(options: CheckedOptions): ColumnNames {
  const { userColumn, sessionColumn: session, itemColumn: item, timeColumn: time, eventColumn } = options;
  const { contextColumns: context = [] } = options;
  return { session: userColumn ?? session, item, time, event: eventColumn, context };
}

/** All columns to read, in the order of table `raw`. */
export function allColumns({ session, item, time, event, context }: ColumnNames): string[] {
  return [session, item, time, ...(event === undefined ? [] : [event]), ...context];
}

/** The columns of clicks that the dataset keeps: event types, then others. */
export function keptColumns({
  eventColumn,
  contextColumns = [],
}: Pick<CheckedOptions, 'eventColumn' | 'contextColumns'>): string[] {
  return [...(eventColumn === undefined ? [] : [eventColumn]), ...contextColumns];
}

/** The keys to read from a JSON line. */
export interface LineKeys {
  /** Keys of the line's object. */
  readonly line: readonly string[];
  /** The key of the list of events, if a line is a session. */
  readonly eventsField: string | undefined;
  /** Keys of each event in that list. */
  readonly event: readonly string[];
  /** Whether the last keys but those of context columns are of event types. */
  readonly hasType: boolean;
  /** Number of context columns, whose keys come last. */
  readonly context: number;
}

/** The keys to read from a JSON line. */
export function lineKeys(options: CheckedOptions): LineKeys {
  const [session = '', ...ofEvent] = allColumns(columnNames(options));
  const { eventsField, eventColumn, contextColumns = [] } = options;
  const kinds = { hasType: eventColumn !== undefined, context: contextColumns.length };
  if (eventsField === undefined) return { line: [session, ...ofEvent], eventsField, event: [], ...kinds };
  return { line: [session, eventsField], eventsField, event: ofEvent, ...kinds };
}
