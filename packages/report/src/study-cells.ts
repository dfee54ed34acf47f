import { formatInterval, formatP, fraction, threeDigits, whole } from './figures.ts';
import type { Measure } from './report.ts';
import {
  methodNames,
  overviewName,
  type StudyClaim,
  type StudyFigures,
  type StudyReport,
  type StudyRow,
  type StudySection,
  topOf,
} from './study.ts';

/** Writes a figure that is the best of its column. */
type Mark = (text: string) => string;

const measures = ['recall', 'mrr'] as const;

/** Heads of the table of one data set. */
const STUDY_HEADS: readonly string[] = [
  ...['method', 'recall@20', '95 %', 'p', 'MRR@20', '95 %', 'p', 'fit, s', 'answer, ms', 'runs'],
  ...['untuned → tuned on validation', 'trials', 'tuning, s: used / offered'],
];

/** Explains the columns of `sectionTable`. */
export const STUDY_NOTE: string =
  'Bold: the best. ±: standard deviation over seeds. 95 %: interval by session. p: against the best, two-sided, paired by ' +
  'session, not corrected for the number of methods. Answer: per prediction, many sessions at a time. Trials: the first ' +
  'half of the offered time (pruned or failed of them) + the second, on all sessions. A method uses less time than it is offered ' +
  'where it has at most 300 + 12 trials, and more where a single trial takes longer, because each half has at least one.';

/** Explains the cells of `overviewTable`. */
export const OVERVIEW_NOTE: string =
  'recall@20 / MRR@20 on the test sessions, all items ranked. Every method is offered the same time for tuning on a data set, which ' +
  'not every method uses; methods of other programs have budgets of their own';

/** The table of all methods and data sets; the first row is its head. */
export function overviewTable(study: StudyReport, mark: Mark): string[][] {
  const { sections } = study;
  const rows = methodNames(study).map((name) => [
    name,
    ...sections.map(({ rows: all }) => {
      const row = all.find((found) => overviewName(found) === name);
      if (!row) return '';
      const figure = (key: (typeof measures)[number]) => meanCell(row[key], topOf(all, key) === row, mark);
      return measures.map(figure).join(' / ');
    }),
  ]);
  return [['method', ...sections.map(({ name }) => name)], ...rows];
}

/** The table of one data set; the first row is its head. */
export function sectionTable({ rows, tuningSeconds }: StudySection, mark: Mark): string[][] {
  const best = { recall: topOf(rows, 'recall'), mrr: topOf(rows, 'mrr') };
  const cells = (row: StudyRow): string[] => [
    row.name,
    ...measures.flatMap((key) => measureCells(row[key], best[key] === row, mark)),
    threeDigits(row.fitSeconds),
    threeDigits(row.answerMilliseconds),
    String(row.runs),
    ...tuningCells(row, tuningSeconds),
  ];
  return [[...STUDY_HEADS], ...rows.map(cells)];
}

function tuningCells({ tuning }: StudyRow, tuningSeconds: number): string[] {
  if (!tuning || tuning.full === 0) return ['', '', ''];
  const { untuned, tuned, screened, ended, full, seconds, offered = tuningSeconds } = tuning;
  return [
    `${pair(untuned)} → ${pair(tuned)}`,
    `${screened} (${ended}) + ${full}`,
    `${threeDigits(seconds)} / ${offered}`,
  ];
}

function meanCell({ mean }: Measure, best: boolean, mark: Mark): string {
  return best ? mark(fraction(mean)) : fraction(mean);
}

function measureCells(measure: Measure, best: boolean, mark: Mark): string[] {
  const { sd, interval, p } = measure;
  const value = meanCell(measure, best, mark);
  return [
    sd === undefined ? value : `${value} ± ${fraction(sd)}`,
    interval ? formatInterval(interval) : '',
    p === undefined ? '' : formatP(p),
  ];
}

/** The table of a model beside item-KNN, with and without repeats; the first row is its head. */
export function claimTable({ model, baseline, withRepeats, withoutRepeats }: StudyClaim): string[][] {
  const row = (label: string, { model: a, baseline: b }: StudyClaim['withRepeats']): string[] => [
    ...[label, pair(a), pair(b), `${gain(a.recall, b.recall)} / ${gain(a.mrr, b.mrr)}`],
  ];
  return [
    ['', model, baseline, 'gain'],
    row('with repeats in the lists', withRepeats),
    row('without repeats in the lists', withoutRepeats),
  ];
}

/** `+12.3 %` */
function gain(model: number, baseline: number): string {
  const share = 100 * (model / baseline - 1);
  return `${share < 0 ? '−' : '+'}${Math.abs(share).toFixed(1)} %`;
}

/** `0.6011 / 0.3012` */
function pair({ recall, mrr }: StudyFigures): string {
  return `${fraction(recall)} / ${fraction(mrr)}`;
}

/** Sizes of a data set in one line. */
export function sizesOf({ items, events, sessions, testSessions, predictions }: StudySection): string {
  return (
    `${whole(items)} items; ${whole(events)} training events in ${whole(sessions)} sessions; ` +
    `${whole(predictions)} predictions in ${whole(testSessions)} test sessions`
  );
}
