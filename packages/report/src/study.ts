import type { PairedDifference } from '@gru4rec/metrics';
import { formatP, fraction } from './figures.ts';
import { signed } from './pair-rows.ts';
import type { Measure } from './report.ts';
import { formatOrigin } from './text.ts';

/** Recall and MRR at 20 items. */
export interface StudyFigures {
  readonly recall: number;
  readonly mrr: number;
}

/** How a method was tuned, on validation sessions. */
export interface StudyTuning {
  readonly untuned: StudyFigures;
  readonly tuned: StudyFigures;
  /** Trials, mostly on a part of the sessions; those of them that were pruned or failed; trials on all sessions. */
  readonly screened: number;
  readonly ended: number;
  readonly full: number;
  /** Of all trials, without that of the untuned values. */
  readonly seconds: number;
  /** Seconds that the method was offered, if they differ from the `tuningSeconds` of the run. */
  readonly offered?: number;
}

/** A method on one data set. */
export interface StudyRow {
  readonly name: string;
  /** `peer`: another program, whose ranks were evaluated like the others. */
  readonly family: 'baseline' | 'gru4rec' | 'mix' | 'peer';
  readonly runs: number;
  readonly recall: Measure;
  readonly mrr: Measure;
  readonly fitSeconds: number;
  /** Per prediction, in an evaluation of many sessions at a time. */
  readonly answerMilliseconds: number;
  /** Options that the method was tuned to; absent for a mix. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Absent for a mix. */
  readonly tuning?: StudyTuning | undefined;
}

/** The claim that a model is about 20 % above item-KNN, as measured. */
export interface StudyClaim {
  readonly model: string;
  readonly baseline: string;
  readonly withRepeats: { readonly model: StudyFigures; readonly baseline: StudyFigures };
  /** Items that the session has clicked before are in no list. */
  readonly withoutRepeats: { readonly model: StudyFigures; readonly baseline: StudyFigures };
}

/** One run of the study on a data set. */
export interface StudyRun {
  /** Of tuning, offered to each method that has something to tune. */
  readonly tuningSeconds: number;
  readonly rows: readonly StudyRow[];
  /** By how much the GRU4Rec chosen on validation is above the best baseline of the test split; negative if it is below. */
  readonly leads?: { readonly recall: PairedDifference; readonly mrr: PairedDifference };
  /** What is needed to repeat the run. */
  readonly origin: Readonly<Record<string, string | number | boolean>>;
}

/** All methods on one data set. */
export interface StudySection extends StudyRun {
  readonly name: string;
  /** What the data set is and how it was split. */
  readonly about: string;
  readonly checksum: string;
  readonly items: number;
  /** Training events and sessions. */
  readonly events: number;
  readonly sessions: number;
  readonly testSessions: number;
  readonly predictions: number;
  readonly claim: StudyClaim | undefined;
  /** Runs whose test figures were known when this one was started, the oldest first. */
  readonly earlier?: readonly StudyRun[];
}

/** Methods on several data sets, with lists of 20 items. */
export interface StudyReport {
  readonly sections: readonly StudySection[];
}

/** The title of a study: its data sets. */
export function studyTitle({ sections }: StudyReport): string {
  return `Session-based recommendation on ${sections.map(({ name }) => name).join(', ')}`;
}

/** The origin of each section: a head of their names, and a row per entry. */
export function originTable({ sections }: StudyReport): string[][] {
  const keys = [...new Set(sections.flatMap(({ origin }) => Object.keys(origin)))];
  const rows = keys.map((key) => [
    key,
    ...sections.map(({ origin }) => {
      const value = origin[key];
      return value === undefined ? '' : formatOrigin(value);
    }),
  ]);
  return [['', ...sections.map(({ name }) => name)], ...rows];
}

/** The GRU4Rec with the best mean of recall and MRR on validation; the first of equal ones. */
export function chosenOf(rows: readonly StudyRow[]): StudyRow | undefined {
  const score = ({ tuning }: StudyRow) => (tuning ? tuning.tuned.recall + tuning.tuned.mrr : 0);
  return rows
    .filter(({ family }) => family === 'gru4rec')
    .reduce<StudyRow | undefined>((best, row) => (best && score(best) >= score(row) ? best : row), undefined);
}

const CONTEST_HEADS: readonly string[] = [
  ...['data set', 'tuning, s', 'GRU4Rec chosen on validation', 'best baseline of the test split'],
  ...['difference', '95 %', 'p'],
];

/**
 * The GRU4Rec chosen on validation beside the best baseline of the test split, by a measure: a head, and a row per run, the
 * earlier ones first.
 */
export function contestTable({ sections }: StudyReport, key: 'recall' | 'mrr'): string[][] {
  const rows = sections.flatMap((section) =>
    [...(section.earlier ?? []), section].flatMap(({ rows, tuningSeconds, leads }) => {
      const [model, baseline] = [chosenOf(rows), bestBaselineOf(rows, key)];
      if (!model || !baseline) return [];
      const lead = leads?.[key];
      return [
        [
          section.name,
          String(tuningSeconds),
          ...[model, baseline].map((row) => `${fraction(row[key].mean)} ${row.name}`),
          signed(model[key].mean - baseline[key].mean),
          lead ? lead.interval.map(signed).join(' to ') : '',
          lead ? formatP(lead.p) : '',
        ],
      ];
    }),
  );
  return [[...CONTEST_HEADS], ...rows];
}

/** In how many data sets the GRU4Rec chosen on validation is above every baseline, in their last runs. */
export function summaryOf({ sections }: StudyReport): string {
  const [recall, mrr] = (['recall', 'mrr'] as const).map(
    (key) =>
      sections.filter(({ rows }) => {
        const [model, baseline] = [chosenOf(rows), bestBaselineOf(rows, key)];
        return model && baseline && model[key].mean > baseline[key].mean;
      }).length,
  );
  const sets = `${sections.length} data set${sections.length === 1 ? '' : 's'}`;
  return `The GRU4Rec chosen on validation is above every baseline in recall@20 on ${recall} of ${sets}, and in MRR@20 on ${mrr}.`;
}

/** Explains the rows of `contestTable`. */
export const CONTEST_NOTE: string =
  'A row per run of the study. The figures of an earlier run on the same test split were known before the next one, with more ' +
  'time and changed code, was started: they are less biased than those of the last. 95 % and p: of the difference, paired by ' +
  'session, two-sided; empty where it was not recorded.';

const measures = [
  ['recall', 'recall@20'],
  ['mrr', 'MRR@20'],
] as const;

const kinds: Readonly<Record<StudyRow['family'], string>> = {
  ...{ baseline: 'a baseline', gru4rec: 'a GRU4Rec', mix: 'a mix', peer: 'another program' },
};

/** Who is best on a data set, and how the best GRU4Rec compares with the best baseline, one sentence per measure. */
export function verdictsOf({ rows }: StudySection): string[] {
  return measures.map(([key, label]) => {
    const best = topOf(rows, key);
    const baseline = bestBaselineOf(rows, key);
    const model = topOf(
      rows.filter(({ family }) => family === 'gru4rec' || family === 'mix'),
      key,
    );
    if (!best || !baseline || !model) return '';
    const rival = best === model ? baseline : model;
    const lead = best[key].mean - rival[key].mean;
    const chance = rival[key].p !== undefined && rival[key].p >= 0.05 ? ', which may be chance' : '';
    const against = best === model ? 'the best baseline' : 'the best with a GRU4Rec';
    return `By ${label}, ${best.name} (${kinds[best.family]}) is the best: ${lead.toFixed(4)} above ${rival.name}, ${against}${chance}.`;
  });
}

function bestBaselineOf(rows: readonly StudyRow[], key: 'recall' | 'mrr'): StudyRow | undefined {
  return topOf(
    rows.filter(({ family }) => family === 'baseline'),
    key,
  );
}

/** The row with the greatest mean; the first of equal ones. */
export function topOf(rows: readonly StudyRow[], key: 'recall' | 'mrr'): StudyRow | undefined {
  return rows.reduce<StudyRow | undefined>(
    (best, row) => (best && best[key].mean >= row[key].mean ? best : row),
    undefined,
  );
}

/** Names of the methods of all data sets, in order; a mix has another name on each and counts as one. */
export function methodNames({ sections }: StudyReport): string[] {
  return [...new Set(sections.flatMap(({ rows }) => rows.map(overviewName)))];
}

/** The name of a row in the table of all data sets. */
export function overviewName({ name, family }: StudyRow): string {
  return family === 'mix' ? 'best mix' : name;
}
