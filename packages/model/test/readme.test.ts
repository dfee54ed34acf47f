import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { hyperParameters } from '../scripts/json-schema.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));

/** A Markdown table; the first row is its head. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...rows.slice(1).map(line)].join('');
}

// After a change to the keys or their values: vitest run --update=all packages/model/test/readme.test.ts.
it('lists every hyper-parameter with its default, its values and what it does', async () => {
  const text = readFileSync(readme, 'utf8');
  const [before = '', head = '', after = ''] = text.split(/^(\| key .*)\n(?:\|.*\n)+/m);
  const rows = hyperParameters.map(({ key, fallback, expected, meaning }) => [
    ...[`\`${key}\``, `\`${JSON.stringify(fallback)}\``],
    ...[expected, meaning],
  ]);
  const heads = head.split('|').slice(1, -1);
  expect(heads).toHaveLength(4);
  const table = tableOf([heads.map((cell) => cell.trim()), ...rows]);
  await expect(`${before}${table}${after}`).toMatchFileSnapshot(readme);
});
