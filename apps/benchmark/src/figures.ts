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
