import { formatInterval, formatP, fraction, threeDigits, whole } from './figures.ts';
import type { Measure } from './report.ts';
import type { StudyFigures, StudyRow, StudyRun, StudySection } from './study.ts';

/** Heads of the table of one data set. */
export const STUDY_HEADS: readonly string[] = [
  ...['method', 'recall@20', '95 %', 'p', 'MRR@20', '95 %', 'p', 'fit, s', 'answer, ms', 'runs'],
  ...['untuned → tuned on validation', 'trials', 'tuning, s: used / offered'],
];

export const STUDY_NOTE: string =
  'Bold: the best. ±: standard deviation over seeds. 95 %: interval by session. p: against the best, two-sided, paired by ' +
  'session, not corrected for the number of methods. Answer: per prediction, many sessions at a time. Trials: the first ' +
  'half of the offered time (pruned or failed of them) + the second, on all sessions. A method uses less time than it is offered ' +
  'where it has at most 300 + 12 trials, and more where a single trial takes longer, because each half has at least one.';

export const OVERVIEW_NOTE: string =
  'recall@20 / MRR@20 on the test sessions, all items ranked, every method offered the same time for tuning on a data set, which ' +
  'not every method uses';

/** The cells of a row, without its name, in the order of `STUDY_HEADS`. @param mark - marks the best means. */
export function studyCells(
  row: StudyRow,
  { tuningSeconds }: StudyRun,
  best: { readonly recall: StudyRow | undefined; readonly mrr: StudyRow | undefined },
  mark: (text: string) => string,
): string[] {
  const { recall, mrr, fitSeconds, answerMilliseconds, runs, tuning } = row;
  return [
    ...measureCells(recall, best.recall === row, mark),
    ...measureCells(mrr, best.mrr === row, mark),
    threeDigits(fitSeconds),
    threeDigits(answerMilliseconds),
    String(runs),
    tuning && tuning.full > 0 ? `${pair(tuning.untuned)} → ${pair(tuning.tuned)}` : '',
    tuning && tuning.full > 0 ? `${tuning.screened} (${tuning.ended}) + ${tuning.full}` : '',
    tuning && tuning.full > 0 ? `${threeDigits(tuning.seconds)} / ${tuningSeconds}` : '',
  ];
}

function measureCells(
  { mean, sd, interval, p }: Measure,
  best: boolean,
  mark: (text: string) => string,
): string[] {
  const value = best ? mark(fraction(mean)) : fraction(mean);
  return [
    sd === undefined ? value : `${value} ± ${fraction(sd)}`,
    interval ? formatInterval(interval) : '',
    p === undefined ? '' : formatP(p),
  ];
}

/** `0.6011 / 0.3012` */
export function pair({ recall, mrr }: StudyFigures): string {
  return `${fraction(recall)} / ${fraction(mrr)}`;
}

/** Sizes of a data set in one line. */
export function sizesOf({ items, events, sessions, testSessions, predictions }: StudySection): string {
  return (
    `${whole(items)} items; ${whole(events)} training events in ${whole(sessions)} sessions; ` +
    `${whole(predictions)} predictions in ${whole(testSessions)} test sessions`
  );
}
