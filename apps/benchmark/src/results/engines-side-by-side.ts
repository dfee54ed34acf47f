import type { ComparisonRow } from '../comparison.ts';
import { figure } from '../figures.ts';
import { describeGoal, type Report } from '../report.ts';
import { markdownTable } from './markdown-table.ts';

/**
 * A table of the rows that were measured with several engines or kernels, one column for each. The last run of a row
 * counts.
 *
 * @returns no paragraphs if there are no such rows.
 */
export function enginesSideBySide(runs: readonly Report[]): string[] {
  const rows = new Map<string, Map<string, ComparisonRow>>();
  for (const row of runs.flatMap(({ comparisons = [] }) => comparisons)) {
    const key = `${row.suite}: ${row.name}`;
    rows.set(key, (rows.get(key) ?? new Map<string, ComparisonRow>()).set(row.engine, row));
  }
  const several = [...rows].filter(([, byEngine]) => byEngine.size > 1);
  if (several.length === 0) return [];
  const engines = [...new Set(several.flatMap(([, byEngine]) => [...byEngine.keys()]))].sort();
  const lines = several.map(([key, byEngine]) => [key, ...engines.map((name) => cellOf(byEngine.get(name)))]);
  return [
    'Engines side by side, on this day and earlier ones: the figure, how many times better it is than the best peer of its ' +
      'run, and the goal.',
    markdownTable([['row', ...engines], ...lines]),
  ];
}

function cellOf(row: ComparisonRow | undefined): string {
  if (!row) return '–';
  const ratio = row.ratio ? [`**${figure(row.ratio.median)}×**`] : [];
  const goal = describeGoal(row);
  return [`${figure(row.ours.figure.median)} ${row.unit}`, ...ratio, ...(goal ? [goal] : [])].join(', ');
}
