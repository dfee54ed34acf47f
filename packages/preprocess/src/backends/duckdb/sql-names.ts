import { pathPattern, quote } from './duckdb.ts';

/** Quotes the name of a column. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes the name of a file as an SQL literal. */
export function fileName(path: string): string {
  return quote(pathPattern(path));
}

/** SQL: the integer whose text is `text`, or NULL if there is none of the type. */
export function plainInteger(text: string, type: 'INTEGER' | 'BIGINT'): string {
  return castBack(`TRY_CAST(${text} AS ${type})`, text);
}

/** SQL: `number`, or NULL if its text is not `text`. */
export function castBack(number: string, text: string): string {
  return `CASE WHEN CAST(${number} AS VARCHAR) = ${text} THEN ${number} END`;
}
