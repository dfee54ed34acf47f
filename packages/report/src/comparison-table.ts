import { metricAt } from '@gru4rec/metrics';
import { checkReport } from './check-report.ts';
import { namesOfMetrics, rankModels, resultAt, shownPlaces } from './ranking.ts';
import type { ComparisonReport } from './report.ts';
import { FULL_DETAIL, resultColumns } from './results-columns.ts';
import { oneLine } from './text.ts';

/**
 * Writes a comparison as CSV (RFC 4180, with a header): a row per cutoff and model, numbers in full, absent ones empty.
 *
 * @throws RangeError under the conditions of `checkReport`.
 */
export function comparisonCsv(report: ComparisonReport): string {
  checkReport(report, 'comparisonCsv');
  const names = namesOfMetrics(report.models);
  const parts = ['', '_sd', '_lower', '_upper', '_p'];
  const head = [
    ...['model', 'cutoff', 'runs', ...names.flatMap((name) => parts.map((part) => `${name}${part}`))],
    ...['coverage', 'popularityBias', 'fitSeconds', 'evaluateSeconds', 'memoryMiB'],
  ];
  const rows = report.models.flatMap((model) =>
    model.results.map((result) => [
      ...[oneLine(model.name), result.cutoff, model.runs],
      ...names.flatMap((name) => {
        const { mean, sd, interval, p } = metricAt(result, name);
        return [mean, sd, interval?.[0], interval?.[1], p];
      }),
      ...[result.coverage, result.popularityBias, model.fitSeconds, model.evaluateSeconds, model.memoryMiB],
    ]),
  );
  return [head, ...rows].map((row) => `${row.map(quoteCsv).join(',')}\n`).join('');
}

function quoteCsv(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Writes the tables of a comparison as LaTeX: a `tabular` of the package booktabs per cutoff, best models first, the best
 * figures bold.
 *
 * @throws RangeError under the conditions of `checkReport`.
 */
export function comparisonLatex(report: ComparisonReport): string {
  checkReport(report, 'comparisonLatex');
  const models = rankModels(report.models);
  const tables = shownPlaces(models).map((place) => {
    const columns = resultColumns(models, place, FULL_DETAIL, (mean, best) => `${mean}${best ? BEST : ''}`);
    const rows = models.map((model) => [oneLine(model.name), ...columns.map(({ cell }) => cell(model))]);
    const heads = ['', ...columns.map(({ head }) => head)];
    const { cutoff } = resultAt(models[0] as (typeof models)[number], place);
    return [
      `% ${oneLine(report.title)}, lists of ${cutoff} items; \\usepackage{booktabs}`,
      `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
      `\\toprule\n${latexRow(heads)}\n\\midrule`,
      ...rows.map(latexRow),
      '\\bottomrule\n\\end{tabular}\n',
    ].join('\n');
  });
  return tables.join('\n');
}

/** Follows the best figure of a column. No name ends with it, because names are one line. */
const BEST = '\n';

function latexRow(cells: readonly string[]): string {
  const escaped = cells.map((cell) =>
    cell.endsWith(BEST) ? `\\textbf{${escapeLatex(cell.trimEnd())}}` : escapeLatex(cell),
  );
  return `${escaped.join(' & ')} \\\\`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  ...{ '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}' },
  ...{ '<': '\\textless{}', '>': '\\textgreater{}', '±': '$\\pm$', '–': '--' },
};

function escapeLatex(text: string): string {
  return text.replace(/[\\~^<>±–#$%&_{}]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);
}
