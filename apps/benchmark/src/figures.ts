import type { Summary } from './measure.ts';

/** Median, extremes, spread and number of measurements. */
export function numbers({ median, min, max, spread, samples }: Summary): string[] {
  return [figure(median), figure(min), figure(max), percent(spread), `${samples}`];
}

/** Three digits, or a whole number from a thousand on. */
export function figure(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  return value >= 1000 ? whole(value) : value.toPrecision(3);
}

/** Rounded, with separators. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** As a percentage. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** An aligned table in Markdown; the first row is its head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (rows[0] ?? []).map((_, c) => Math.max(3, ...cells.map((row) => row[c]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  const [head = [], ...others] = cells;
  return [head, rule, ...others]
    .map((row) => `| ${row.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join(' | ')} |`)
    .join('\n');
}
