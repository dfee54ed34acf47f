import type { ContextColumn } from '@gru4rec/sessions';

/** What is kept of events besides session, item and time: each combination of values has a number. */
export interface Contexts {
  readonly columns: readonly ContextColumn[];
  /** [combinations × columns] the index of each value in its column, −1 without one. */
  readonly values: Int32Array;
}

/** SQL: the values of columns as one text. @param values - SQL: texts, NULL where there is none. */
export function contextText(values: readonly string[]): string {
  const separator = 'chr(31)';
  const texts = values.map((value) => `replace(coalesce(${value}, ''), ${separator}, ' ')`);
  return `concat_ws(${separator}, ${texts.join(', ')})`;
}

/** The context of events, [events × columns], from the numbers of their combinations. */
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
