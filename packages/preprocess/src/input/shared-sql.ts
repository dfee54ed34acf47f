import type { ContextColumn } from '@gru4rec/dataset';

/**
 * SQL that DuckDB and Spark share: the canonical text of a number as an id: no exponent, no trailing zeros after
 * the point, no sign before zero. 1, 1.0 and 1e0 are `1`.
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
