import { checkOptions, integer } from '@gru4rec/checked-options';
import { escapeMarkdown, table } from './markdown.ts';
import {
  CONTEST_HEADS,
  CONTEST_NOTE,
  claimRows,
  contestRows,
  gain,
  methodNames,
  originRows,
  overviewName,
  type StudyReport,
  type StudySection,
  studyTitle,
  summaryOf,
  topOf,
  verdictsOf,
} from './study.ts';
import { OVERVIEW_NOTE, pair, STUDY_HEADS, STUDY_NOTE, sizesOf, studyCells } from './study-cells.ts';

/**
 * Writes a study as Markdown: one table of all methods and data sets, then one per data set with intervals, tests, times and
 * tuning.
 *
 * @param options - `level` of its first heading; that of a data set is one below.
 * @returns text that ends with a newline. Names and values are escaped.
 */
export function studyMarkdown(study: StudyReport, options: { readonly level?: number } = {}): string {
  checkOptions('studyMarkdown', options, { level: integer(1, 5) });
  const { level = 1 } = options;
  const { sections } = study;
  const names = sections.map(({ name }) => name);
  const head = '#'.repeat(level);
  const parts = [
    `${head} ${escapeMarkdown(studyTitle(study))}`,
    `${OVERVIEW_NOTE}:`,
    overview(study),
    ...contestParts(study, `${head}#`),
    ...sections.flatMap((section) => sectionParts(section, `${head}#`)),
    `${head}# Where this comes from`,
    table(
      [['', ...names], ...originRows(study)].map((row) => row.map(escapeMarkdown)),
      'left',
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

const bold = (text: string) => `**${text}**`;

function overview(study: StudyReport): string {
  const { sections } = study;
  const rows = methodNames(study).map((name) => [
    escapeMarkdown(name),
    ...sections.map(({ rows: all }) => {
      const row = all.find((found) => overviewName(found) === name);
      if (!row) return '';
      const marked = (key: 'recall' | 'mrr') => {
        const text = row[key].mean.toFixed(4);
        return topOf(all, key) === row ? bold(text) : text;
      };
      return `${marked('recall')} / ${marked('mrr')}`;
    }),
  ]);
  return table([['method', ...sections.map(({ name }) => escapeMarkdown(name))], ...rows]);
}

function contestParts(study: StudyReport, head: string): string[] {
  const tableOf = (key: 'recall' | 'mrr') =>
    table([CONTEST_HEADS, ...contestRows(study, key).map((row) => row.map(escapeMarkdown))]);
  return [
    `${head} Chosen on validation`,
    summaryOf(study),
    'By recall@20:',
    tableOf('recall'),
    'By MRR@20:',
    tableOf('mrr'),
    CONTEST_NOTE,
  ];
}

function sectionParts(section: StudySection, head: string): string[] {
  const { name, about, rows, claim } = section;
  const best = { recall: topOf(rows, 'recall'), mrr: topOf(rows, 'mrr') };
  const body = rows.map((row) => [escapeMarkdown(row.name), ...studyCells(row, section, best, bold)]);
  const claims = claimRows(section).map(([label, model, baseline]) => [
    label,
    pair(model),
    pair(baseline),
    `${gain(model.recall, baseline.recall)} / ${gain(model.mrr, baseline.mrr)}`,
  ]);
  return [
    `${head} ${escapeMarkdown(name)}`,
    `${escapeMarkdown(about)}. ${sizesOf(section)}.`,
    ...verdictsOf(section).map(escapeMarkdown),
    table([STUDY_HEADS, ...body]),
    STUDY_NOTE,
    ...(claim
      ? [
          `The claim "about 20 % above item-KNN", as measured:`,
          table([['', escapeMarkdown(claim.model), escapeMarkdown(claim.baseline), 'gain'], ...claims]),
        ]
      : []),
  ];
}
