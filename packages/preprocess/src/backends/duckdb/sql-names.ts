import { pathPattern, quote } from './duckdb.ts';

/** Quotes the name of a column. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes the name of a file as an SQL literal. */
export function fileName(path: string): string {
  return quote(pathPattern(path));
}
