import { metricAt, metricNames } from '@gru4rec/metrics';
import {
  BREAKDOWNS,
  breakdownTable,
  costTable,
  describeGate,
  examplesTable,
  legendOf,
  originTables,
  resultsTable,
  windowsTable,
} from './comparison-tables.ts';
import { headlineOf } from './headline.ts';
import { type ComparisonReport, namesOfMetrics, rankModels, shownPlaces } from './report.ts';
import {
  type CaptionedTable,
  csvTable,
  escapeMarkdown,
  fittingTable,
  latexTable,
  markdownTable,
} from './table.ts';
import { oneLine, wrapLine } from './text.ts';

/** Options of a comparison in a terminal. */
export interface FormatOptions {
  /** Width of the terminal in characters, an integer ≥ 20. */
  readonly columns: number;
}

/**
 * Writes a comparison for a terminal. Columns that do not fit are left out, the least important first. Long names take up to
 * three lines; longer ones get an ellipsis in the middle.
 * @returns lines without colours, without a newline at the end.
 */
export function formatComparison(report: ComparisonReport, { columns }: FormatOptions): string {
  const models = rankModels(report.models);
  const { breakdownCutoff: cutoff } = report;
  const main = [...shownPlaces(models).map((place) => resultsTable(models, place)), costTable(models)];
  const apart = BREAKDOWNS.filter(
    ({ key }) => key === 'byTraining' || key === 'byType' || key === 'byVisitor',
  ).map((breakdown) => breakdownTable(models, breakdown, cutoff));
  const more = [...apart, windowsTable(models, report)].filter((table) => table !== undefined);
  const fitting = main.map((table) => fittingTable(table, columns));
  const others = more.map((table) => ({ ...fittingTable(table, columns), caption: table.caption }));
  const isWhole = [...fitting, ...others].every(({ whole }) => whole);
  const wider = isWhole ? '' : ' A wider terminal shows more columns.';
  return [
    wrapLine(report.title, columns),
    ...report.warnings.map((warning) => wrapLine(`Warning: ${warning}`, columns)),
    wrapLine(headlineOf(report), columns),
    ...fitting.map(({ text }) => text),
    wrapLine(`${legendOf(models, '*', report)}${wider}`, columns),
    ...others.flatMap(({ caption, text }) => [wrapLine(caption, columns), text]),
  ].join('\n\n');
}

/**
 * Writes a comparison as a page of GitHub's Markdown.
 * @returns text that ends with a newline. Names and values are escaped: none is interpreted as markup.
 */
export function comparisonMarkdown(report: ComparisonReport): string {
  const models = rankModels(report.models);
  const { gates = [], breakdownCutoff: cutoff } = report;
  const captioned = (title: string, table: CaptionedTable | undefined) =>
    table ? [`## ${title}`, escapeMarkdown(table.caption), markdownTable(table)] : [];
  const parts = [
    `# ${escapeMarkdown(report.title)}`,
    ...report.warnings.map((warning) => `> **Warning:** ${escapeMarkdown(warning)}`),
    escapeMarkdown(headlineOf(report)),
    '## Results',
    ...shownPlaces(models).map((place) => markdownTable(resultsTable(models, place))),
    legendOf(models, '**bold**', report),
    ...captioned('Windows', windowsTable(models, report)),
    ...(gates.length > 0
      ? ['## Gates', gates.map((gate) => `- ${escapeMarkdown(describeGate(gate))}`).join('\n')]
      : []),
    ...['## Time and memory', markdownTable(costTable(models))],
    ...BREAKDOWNS.flatMap((breakdown) =>
      captioned(breakdown.name, breakdownTable(models, breakdown, cutoff)),
    ),
    ...captioned('Examples', examplesTable(report)),
    '## Where this comes from',
    ...originTables({ ...report, models }).map(markdownTable),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Writes a comparison as CSV (RFC 4180, with a header): a row per cutoff and model, numbers in full, absent ones empty. */
export function comparisonCsv(report: ComparisonReport): string {
  const names = namesOfMetrics(report.models);
  const parts = ['', '_sd', '_lower', '_upper', '_p'];
  const heads = [
    ...['model', 'cutoff', 'runs', ...names.flatMap((name) => parts.map((part) => `${name}${part}`))],
    ...['coverage', 'popularityBias', 'fitSeconds', 'evaluateSeconds', 'memoryMiB'],
  ];
  const rows = report.models.flatMap((model) =>
    model.results.map((result) => [
      ...[model.name, result.cutoff, model.runs],
      ...names.flatMap((name) => {
        const { mean, sd, interval, p } = metricAt(result, name);
        return [mean, sd, interval?.[0], interval?.[1], p];
      }),
      ...[result.coverage, result.popularityBias, model.fitSeconds, model.evaluateSeconds, model.memoryMiB],
    ]),
  );
  return csvTable({ columns: heads.map((head) => ({ head })), rows });
}

/** Columns of a table of results, without metrics of the caller. */
export const resultColumns: readonly string[] = [...metricNames, 'sd', 'interval', 'p', 'coverage', 'bias'];

/**
 * Writes a `tabular` of LaTeX's package booktabs per cutoff.
 * @param kept - the columns, of `resultColumns`; all if not given.
 */
export function comparisonLatex(report: ComparisonReport, kept: readonly string[] = resultColumns): string {
  const isKept = (name: string) => kept.includes(name) || !resultColumns.includes(name);
  const models = rankModels(report.models);
  const tables = shownPlaces(models).map((place) => {
    const { cutoff } = models[0]?.results[place] ?? {};
    const title = `% ${oneLine(report.title)}, lists of ${cutoff} items; \\usepackage{booktabs}`;
    return `${title}\n${latexTable(resultsTable(models, place), isKept)}`;
  });
  return tables.join('\n');
}

/**
 * `format`, `formatVersion`, then the fields of the report. The version is increased when readers of the earlier one would
 * misread the file.
 */
export function comparisonJson(report: ComparisonReport): string {
  const whole = { format: 'gru4rec-comparison', formatVersion: 1, ...report };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
