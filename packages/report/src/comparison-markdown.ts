import { BREAKDOWNS, type Breakdown, breakdownTable, groupsOf } from './breakdowns.ts';
import { checkReport } from './check-report.ts';
import { exampleCells, exampleHeads, examplesNote } from './example-rows.ts';
import { headlineOf } from './headline.ts';
import { escapeMarkdown, table } from './markdown.ts';
import { gateLine, PAIRS_NOTE, pairCells, pairHeads } from './pair-rows.ts';
import { rankModels, shownPlaces } from './ranking.ts';
import type { ComparisonReport, ModelReport } from './report.ts';
import { type Column, costColumns, FULL_DETAIL, legendOf, resultColumns } from './results-columns.ts';
import { formatOrigin, type OptionGroup, optionGroups } from './text.ts';
import { windowRows, windowsNote } from './window-rows.ts';

/**
 * Writes a comparison as a Markdown page (GitHub's tables): headline, warnings, a table per cutoff, time and memory,
 * recall and MRR by group, and the origin of the figures. Only the JSON and the HTML page have learning curves.
 *
 * @returns text that ends with a newline. Names and values are escaped: none is interpreted as markup.
 * @throws RangeError under the conditions of `checkReport`.
 */
export function comparisonMarkdown(report: ComparisonReport): string {
  checkReport(report, 'comparisonMarkdown');
  const models = rankModels(report.models);
  const parts = [
    `# ${escapeMarkdown(report.title)}`,
    ...report.warnings.map((warning) => `> **Warning:** ${escapeMarkdown(warning)}`),
    escapeMarkdown(headlineOf(report)),
    '## Results',
    ...shownPlaces(models).map((place) =>
      modelTable(models, resultColumns(models, place, FULL_DETAIL, markBest)),
    ),
    legendOf(models, '**bold**', report),
    ...windowParts(report, models),
    ...pairParts(report),
    '## Time and memory',
    modelTable(models, costColumns(models)),
    ...BREAKDOWNS.flatMap((breakdown) => breakdownParts(models, breakdown, report.breakdownCutoff)),
    ...exampleParts(report),
    '## Where this comes from',
    ...originParts(report, models),
  ];
  return `${parts.join('\n\n')}\n`;
}

function markBest(mean: string, best: boolean): string {
  return best ? `**${mean}**` : mean;
}

function modelTable(models: readonly ModelReport[], columns: readonly Column[]): string {
  return table([
    ['model', ...columns.map(({ head }) => head)],
    ...models.map((model) => [escapeMarkdown(model.name), ...columns.map(({ cell }) => cell(model))]),
  ]);
}

function windowParts(report: ComparisonReport, models: readonly ModelReport[]): string[] {
  const found = windowRows(models, report);
  if (!found) return [];
  const rows = found.rows.map((cells, place) => [escapeMarkdown(models[place]?.name ?? ''), ...cells]);
  return ['## Windows', windowsNote(models), table([['model', ...found.heads], ...rows])];
}

/** Gates, and the table of any two models. */
function pairParts({ pairs = [], gates = [] }: ComparisonReport): string[] {
  const lines = gates.map((gate) => `- ${escapeMarkdown(gateLine(gate))}`);
  const parts = gates.length > 0 ? ['## Gates', lines.join('\n')] : [];
  if (pairs.length === 0) return parts;
  const rows = pairs.map((pair) => [
    escapeMarkdown(pair.first),
    escapeMarkdown(pair.second),
    ...pairCells(pair),
  ]);
  return [...parts, '## Any two', PAIRS_NOTE, table([['first', 'second', ...pairHeads(pairs)], ...rows])];
}

function breakdownParts(models: readonly ModelReport[], breakdown: Breakdown, cutoff: number): string[] {
  if (groupsOf(models, breakdown).length === 0) return [];
  const rows = breakdownTable(models, breakdown, '').map((row) => row.map(escapeMarkdown));
  return [`## ${breakdown.name}`, `recall@${cutoff} / MRR@${cutoff}`, table(rows)];
}

function exampleParts({ examples }: ComparisonReport): string[] {
  if (examples === undefined || examples.predictions.length === 0) return [];
  const rows = [exampleHeads(examples), ...examples.predictions.map(exampleCells)];
  return [
    '## Examples',
    escapeMarkdown(examplesNote(examples)),
    table(
      rows.map((row) => row.map(escapeMarkdown)),
      'left',
    ),
  ];
}

function originParts({ origin }: ComparisonReport, models: readonly ModelReport[]): string[] {
  const entries = Object.entries(origin).map(([key, value]) => [key, formatOrigin(value)]);
  const options = models.map((model) => [
    model.name,
    optionGroups(model.options).map(describeGroup).filter(Boolean).join('; ') || 'none',
  ]);
  const escaped = (rows: readonly string[][]): string[][] => rows.map((row) => row.map(escapeMarkdown));
  const tables = [table([['model', 'options'], ...escaped(options)], 'left')];
  if (entries.length > 0) tables.unshift(table([['what', 'value'], ...escaped(entries)], 'left'));
  return tables;
}

function describeGroup({ title, words }: OptionGroup): string {
  const text = words.join(', ');
  return title === undefined ? text : `${title}: ${text || 'none'}`;
}
