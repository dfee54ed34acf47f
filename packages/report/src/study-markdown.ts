import { checkOptions, integer } from '@gru4rec/checked-options';
import { escapeMarkdown, table } from './markdown.ts';
import {
  CONTEST_NOTE,
  contestTable,
  originTable,
  type StudyReport,
  type StudySection,
  studyTitle,
  summaryOf,
  verdictsOf,
} from './study.ts';
import {
  claimTable,
  OVERVIEW_NOTE,
  overviewTable,
  STUDY_NOTE,
  sectionTable,
  sizesOf,
} from './study-cells.ts';

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
  const head = '#'.repeat(level);
  const parts = [
    `${head} ${escapeMarkdown(studyTitle(study))}`,
    `${OVERVIEW_NOTE}:`,
    figures(overviewTable(study, bold)),
    `${head}# Chosen on validation`,
    summaryOf(study),
    'By recall@20:',
    table(escaped(contestTable(study, 'recall'))),
    'By MRR@20:',
    table(escaped(contestTable(study, 'mrr'))),
    CONTEST_NOTE,
    ...study.sections.flatMap((section) => sectionParts(section, `${head}#`)),
    `${head}# Where this comes from`,
    table(escaped(originTable(study)), 'left'),
  ];
  return `${parts.join('\n\n')}\n`;
}

const bold = (text: string) => `**${text}**`;
const escaped = (rows: readonly (readonly string[])[]) => rows.map((row) => row.map(escapeMarkdown));

/** A table of figures, some of them in bold, and names in the first row and column. */
function figures([head = [], ...rows]: readonly (readonly string[])[]): string {
  const named = rows.map(([name = '', ...cells]) => [escapeMarkdown(name), ...cells]);
  return table([...escaped([head]), ...named]);
}

function sectionParts(section: StudySection, head: string): string[] {
  const { name, about, claim } = section;
  return [
    `${head} ${escapeMarkdown(name)}`,
    `${escapeMarkdown(about)}. ${sizesOf(section)}.`,
    ...verdictsOf(section).map(escapeMarkdown),
    figures(sectionTable(section, bold)),
    STUDY_NOTE,
    ...(claim
      ? ['The claim "about 20 % above item-KNN", as measured:', table(escaped(claimTable(claim)))]
      : []),
  ];
}
