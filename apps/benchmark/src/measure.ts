import { maxSorted, medianSorted, minSorted } from 'simple-statistics';

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError if there are no measurements. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('summarize: "values" expected at least one, got none');
  const sorted = [...values].sort((a, b) => a - b);
  return { median: medianSorted(sorted), min: minSorted(sorted), max: maxSorted(sorted) };
}

export type Work = (times: number) => void;

export const repeating =
  (call: () => void): Work =>
  (times) => {
    for (let i = 0; i < times; i++) call();
  };

/** Repetitions per second in windows of `perWindow`, until `seconds` have passed; there is at least one. */
export function ratesOf(work: Work, perWindow: number, seconds: number): number[] {
  const rates: number[] = [];
  const end = performance.now() + seconds * 1000;
  do {
    const start = performance.now();
    work(perWindow);
    rates.push((perWindow * 1000) / (performance.now() - start));
  } while (performance.now() < end);
  return rates;
}

export function figure(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  return value >= 1000 ? whole(value) : value.toPrecision(3);
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** An aligned table in Markdown; the first row is its head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = (rows[0] ?? []).map((_, c) => Math.max(3, ...cells.map((row) => row[c]?.length ?? 0)));
  const [head = [], ...others] = cells;
  return [head, widths.map((width) => '-'.repeat(width)), ...others]
    .map((row) => `| ${row.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join(' | ')} |`)
    .join('\n');
}
