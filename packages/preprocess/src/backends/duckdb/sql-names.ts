import { pathPattern, quote } from './duckdb.ts';

/** A column's name in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A file's name as an SQL literal. */
export function fileName(path: string): string {
  return quote(pathPattern(path));
}
