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

/** Formats columns. The first and the last are aligned to the left, numbers to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = (c: number): number => Math.max(...rows.map((row) => row[c]?.length ?? 0));
  const widths = Array.from({ length: columns }, (_, c) => width(c));
  const cell = (text: string, c: number): string => {
    const left = c === 0 || (c === columns - 1 && columns > 4);
    return left ? text.padEnd(widths[c] ?? 0) : text.padStart(widths[c] ?? 0);
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
