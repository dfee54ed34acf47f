import { optionError, show, showNames } from '@gru4rec/checks';
import { type ContextColumn, DataError } from '@gru4rec/dataset';
import type { CheckedOptions } from '../options.ts';

/** In the order of table `raw`; the first is of sessions or users. */
export interface ColumnNames {
  readonly session: string;
  readonly item: string;
  readonly time: string;
  readonly event: string | undefined;
  readonly context: readonly string[];
}

export function columnNames(options: CheckedOptions): ColumnNames {
  const { userColumn, sessionColumn: session, itemColumn: item, timeColumn: time, eventColumn } = options;
  const { contextColumns: context = [] } = options;
  return { session: userColumn ?? session, item, time, event: eventColumn, context };
}

export function allColumns({ session, item, time, event, context }: ColumnNames): string[] {
  return [session, item, time, ...(event === undefined ? [] : [event]), ...context];
}

export function keptColumns({
  eventColumn,
  contextColumns = [],
}: Pick<CheckedOptions, 'eventColumn' | 'contextColumns'>): string[] {
  return [...(eventColumn === undefined ? [] : [eventColumn]), ...contextColumns];
}

export interface LineKeys {
  readonly line: readonly string[];
  /** The key of the list of events, if a line is a session. */
  readonly eventsField: string | undefined;
  readonly event: readonly string[];
  /** Whether the last keys but those of context columns are of event types. */
  readonly hasType: boolean;
  /** Their keys come last. */
  readonly context: number;
}

export function lineKeys(options: CheckedOptions): LineKeys {
  const [session = '', ...ofEvent] = allColumns(columnNames(options));
  const { eventsField, eventColumn, contextColumns = [] } = options;
  return {
    line: [session, ...(eventsField === undefined ? ofEvent : [eventsField])],
    eventsField,
    event: eventsField === undefined ? [] : ofEvent,
    hasType: eventColumn !== undefined,
    context: contextColumns.length,
  };
}

export function checkColumns(
  input: { readonly file: string },
  names: readonly string[],
  columns: ColumnNames,
): void {
  const wanted = allColumns(columns);
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) throw missingColumns(input, missing, names);
  const twice = wanted.find((name) => names.filter((other) => other === name).length > 1);
  if (twice === undefined) return;
  throw new DataError(
    `prepare: column "${twice}" expected once in the header, got it twice, at ${input.file}:1. Rename one of them.`,
    { file: input.file, row: 1, column: twice },
  );
}

export function missingColumns(
  input: { readonly file: string },
  missing: readonly string[],
  names: readonly string[],
): DataError {
  const got = showNames(names.filter((name) => name !== '').map(show)) || 'none';
  const { file } = input;
  return optionError((message) => new DataError(message, { file, row: 1, column: missing[0] }), {
    caller: 'prepare',
    problem: `column ${showNames(missing.map(show))} expected among the columns, got ${got}, at ${file}:1. Name those of session or user, item, time and type`,
    remedy: 'itemColumn',
  });
}

export function notPlainColumn(input: { readonly file: string }, name: string, type: string): DataError {
  return new DataError(
    `prepare: column "${name}" expected texts, numbers or times, got ${type.slice(0, 100)}, at ${input.file}:1. Choose another column or unnest it.`,
    { file: input.file, row: 1, column: name },
  );
}

/**
 * SQL: the canonical text of a number as an id: 1, 1.0 and 1e0 are `1`.
 * @param text - SQL: such as `-1.50`, `1e+21` or `1.0E-5`. Other texts and NULL are returned unchanged.
 */
export function numberText(text: string): string {
  const part = (pattern: string) => `regexp_extract(${text}, '${pattern}', 1)`;
  const whole = part('^-?([0-9]+)');
  const digits = `concat(${whole}, ${part('^-?[0-9]+[.]([0-9]+)')})`;
  const exponent = `coalesce(CAST(NULLIF(${part('[eE][+]?(-?[0-9]+)$')}, '') AS INT), 0)`;
  const point = `length(${whole}) + ${exponent}`;
  const plain = `
    CASE WHEN ${point} >= length(${digits}) THEN concat(${digits}, repeat('0', ${point} - length(${digits})))
      WHEN ${point} <= 0 THEN regexp_replace(concat('0.', repeat('0', -(${point})), ${digits}), '[.]?0+$', '')
      ELSE regexp_replace(
        concat(substring(${digits}, 1, ${point}), '.', substring(${digits}, ${point} + 1)), '[.]?0+$', '') END`;
  return `
    CASE WHEN ${text} IS NULL THEN NULL WHEN ${text} = '-0' THEN '0' WHEN regexp_replace(${text}, '^-?[0-9]+$', '') = '' THEN ${text}
      WHEN ${whole} = '' THEN ${text}
      WHEN regexp_replace(${digits}, '^0+$', '') = '' THEN '0'
      ELSE concat(CASE WHEN substring(${text}, 1, 1) = '-' THEN '-' ELSE '' END, ${plain}) END`;
}

/** Session, item and time aside: each combination of values has a number. */
export interface Contexts {
  readonly columns: readonly ContextColumn[];
  /** [combinations × columns] the index of each value in its column, −1 without one. */
  readonly values: Int32Array;
}

/** @param values - SQL: texts, NULL where there is none. */
export function contextText(values: readonly string[]): string {
  const separator = 'chr(31)';
  const texts = values.map((value) => `replace(coalesce(${value}, ''), ${separator}, ' ')`);
  return `concat_ws(${separator}, ${texts.join(', ')})`;
}

/** [events × columns], from the numbers of their combinations. */
export function contextOf(combinations: Int32Array, { columns, values }: Contexts): Int32Array {
  const width = columns.length;
  const context = new Int32Array(combinations.length * width);
  for (const [event, combination] of combinations.entries()) {
    for (let column = 0; column < width; column++) {
      context[event * width + column] = values[combination * width + column] ?? -1;
    }
  }
  return context;
}
