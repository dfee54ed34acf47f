import { resolve } from 'node:path';
import { quote } from '../backends/duckdb.ts';

/** A column's name in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A file's name as DuckDB takes it, which reads `*`, `?` and `[` as patterns and `~` as the home folder. */
export function fileName(path: string): string {
  return quote(resolve(path).replace(/[*?[]/g, '[$&]'));
}
