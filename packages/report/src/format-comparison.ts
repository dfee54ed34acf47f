import { checkOptions, integer, required } from '@gru4rec/checked-options';
import Table from 'cli-table3';
import { BREAKDOWNS, groupOf, groupsOf } from './breakdowns.ts';
import { checkReport } from './check-report.ts';
import { fraction, whole } from './figures.ts';
import { headlineOf } from './headline.ts';
import { nameLabels } from './name-labels.ts';
import { PAIRS_NOTE, pairCells, pairHeads } from './pair-rows.ts';
import { rankModels, shownPlaces } from './ranking.ts';
import type { ComparisonReport, ModelReport } from './report.ts';
import {
  type Column,
  costColumns,
  type Detail,
  FULL_DETAIL,
  legendOf,
  resultColumns,
} from './results-columns.ts';
import { wrapLine } from './text.ts';
import { windowRows, windowsNote } from './window-rows.ts';

/** Options of a comparison in a terminal. */
export interface FormatOptions {
  /** Width of the terminal in characters, an integer ≥ 20. */
  readonly columns: number;
}

/** Letters of a name that fit in the narrowest terminal. */
const LEAST_NAME = 12;

/** Choices of columns, from the widest table to the narrowest. */
const DETAILS: readonly Detail[] = [
  FULL_DETAIL,
  { ...FULL_DETAIL, secondary: false },
  { ...FULL_DETAIL, secondary: false, catalogue: false },
  { ...FULL_DETAIL, secondary: false, catalogue: false, interval: false },
  { ...FULL_DETAIL, secondary: false, catalogue: false, interval: false, sd: false },
  { secondary: false, catalogue: false, interval: false, sd: false, p: false },
];

/**
 * Writes a comparison for a terminal: warnings, the headline, a table per cutoff with a line per model (the main
 * cutoff first, the best MRR first), a table of time and memory, a legend.
 *
 * Columns that do not fit are left out, the least important first. Long names take up to three lines; longer ones get an
 * ellipsis in the middle.
 *
 * @returns lines without colours, without a newline at the end.
 * @throws RangeError if `columns` is not an integer ≥ 20, or under the conditions of `checkReport`.
 */
export function formatComparison(report: ComparisonReport, options: FormatOptions): string {
  const width = { ...integer(20), advice: 'Give the width of the terminal.' };
  checkOptions<FormatOptions>('formatComparison', options, { columns: required(width) });
  const { columns } = options;
  checkReport(report, 'formatComparison');
  const models = rankModels(report.models);
  const results = shownPlaces(models).map((place) =>
    DETAILS.map((detail) => resultColumns(models, place, detail, markBest)),
  );
  const costs = costColumns(models).map((_, dropped, all) => all.slice(0, all.length - dropped));
  const tables = [...results, costs].map((choices) => widestTable(models, choices, columns));
  const dropped = tables.some(({ whole }) => !whole);
  const legend = `${legendOf(models, '*', report)}${dropped ? ' A wider terminal shows more columns.' : ''}`;
  return [
    wrapLine(report.title, columns),
    ...report.warnings.map((warning) => wrapLine(`Warning: ${warning}`, columns)),
    wrapLine(headlineOf(report), columns),
    ...tables.map(({ text }) => text),
    wrapLine(legend, columns),
    ...trainingTable(report, models),
    ...windowsTable(report, models, columns),
    ...pairsTable(report, columns),
  ].join('\n\n');
}

/** Recall and MRR of warm and cold targets. */
function trainingTable({ breakdownCutoff }: ComparisonReport, models: readonly ModelReport[]): string[] {
  const breakdown = BREAKDOWNS.find(({ key }) => key === 'byTraining');
  if (breakdown === undefined) return [];
  const heads = groupsOf(models, breakdown).map(({ label, predictions }) => ({
    head: `${label} (${whole(predictions)} predictions)`,
    cell: (model: ModelReport) => {
      const group = groupOf(model, breakdown, label);
      return group ? `${fraction(group.recall)} / ${fraction(group.mrr)}` : '';
    },
  }));
  if (heads.length === 0) return [];
  const names = nameLabels(
    models.map(({ name }) => name),
    { letters: LEAST_NAME * 2, lines: 3 },
  );
  return [
    `Recall@${breakdownCutoff} / MRR@${breakdownCutoff} of items with training clicks (warm) and without (cold):`,
    tableOf(models, names, heads),
  ];
}

/** The figures of each window; rows are not narrowed. */
function windowsTable(report: ComparisonReport, models: readonly ModelReport[], columns: number): string[] {
  const found = windowRows(models, report);
  if (!found) return [];
  const heads = found.heads.map((head, place) => ({
    head,
    cell: (model: ModelReport) => found.rows[models.indexOf(model)]?.[place] ?? '',
  }));
  const names = nameLabels(
    models.map(({ name }) => name),
    { letters: LEAST_NAME * 2, lines: 3 },
  );
  return [wrapLine(windowsNote(models), columns), tableOf(models, names, heads)];
}

/** Any two models against each other; rows are not narrowed. */
function pairsTable({ pairs = [] }: ComparisonReport, columns: number): string[] {
  if (pairs.length === 0) return [];
  const heads = pairHeads(pairs);
  const table = new Table({
    head: ['first', 'second', ...heads],
    colAligns: ['left', 'left', ...heads.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  const label = (name: string) => nameLabels([name], { letters: LEAST_NAME * 2, lines: 3 })[0] ?? '';
  for (const pair of pairs) table.push([label(pair.first), label(pair.second), ...pairCells(pair)]);
  return [table.toString(), wrapLine(PAIRS_NOTE, columns)];
}

/** The first choice of columns that fits, or the last. Names take at most a third of the width. */
function widestTable(
  models: readonly ModelReport[],
  choices: readonly (readonly Column[])[],
  columns: number,
): { readonly text: string; readonly whole: boolean } {
  const names = nameLabels(
    models.map(({ name }) => name),
    { letters: Math.max(LEAST_NAME, Math.floor(columns / 3)), lines: 3 },
  );
  let text = '';
  for (const [dropped, choice] of choices.entries()) {
    text = tableOf(models, names, choice);
    if (text.indexOf('\n') <= columns) return { text, whole: dropped === 0 };
  }
  return { text, whole: false };
}

function markBest(mean: string, best: boolean): string {
  return `${mean}${best ? '*' : ' '}`;
}

function tableOf(
  models: readonly ModelReport[],
  names: readonly string[],
  columns: readonly Column[],
): string {
  const table = new Table({
    head: ['', ...columns.map(({ head }) => head)],
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const [place, model] of models.entries()) {
    table.push([names[place] ?? '', ...columns.map(({ cell }) => cell(model))]);
  }
  return table.toString();
}
