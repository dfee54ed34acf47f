import { anything, checkOptions, finite, type OptionChecks, required } from '@gru4rec/checks';

/** Sessions with the times of their events. */
export interface TimedSessions {
  /** [sessions + 1], CSR. Read only. */
  readonly sessionOffsets: Int32Array;
  /** [events], in one unit, ascending within a session. Read only. */
  readonly times: ArrayLike<number> | ArrayLike<bigint>;
}

/** How many sessions contradict a split by time. */
export interface SplitOverlap {
  /** Test sessions that ended before the last training session started. */
  readonly inside: number;
  readonly testSessions: number;
  /** Training sessions that started after the first test session had ended. */
  readonly after: number;
  readonly trainSessions: number;
}

/** How many targets share their score. */
export interface TieCounts {
  readonly targets: number;
  /**
   * Targets with the score of another item that a list can contain by some tie rule. Ties do not matter among items that no
   * list contains, such as the long tail of a baseline.
   */
  readonly tied: number;
  /** The most items with the score of one target. */
  readonly most: number;
}

/** Facts about an evaluation; an absent one gives no warning. */
export interface EvaluationFacts {
  readonly predictions: number;
  /** Sessions with a prediction. */
  readonly sessions?: number | undefined;
  /** The training and the evaluated sessions, or how the two overlap. */
  readonly split?: { readonly train: TimedSessions; readonly test: TimedSessions } | SplitOverlap | undefined;
  /** The `ties` of the evaluation of each scorer. */
  readonly scorers?: readonly { readonly name: string; readonly ties: TieCounts }[] | undefined;
  /** Events that preparation removed because they repeated the item before (`collapseRepeats`). */
  readonly repeatsRemoved?: number | undefined;
  /** Checksum of the evaluated sessions, and of the sessions on which a scorer was tuned. */
  readonly tuning?: {
    readonly evaluated: string;
    readonly tunedOn: readonly { readonly name: string; readonly checksum: string }[];
  };
}

const checks: OptionChecks<EvaluationFacts> = {
  predictions: required(finite(0)),
  sessions: finite(0),
  split: anything,
  scorers: anything,
  repeatsRemoved: finite(0),
  tuning: anything,
};

/** Identifies a warning; stable, for programs. */
export type WarningCode =
  | 'random-split'
  | 'overlapping-split'
  | 'tied-scores'
  | 'repeats-removed'
  | 'few-predictions'
  | 'few-sessions'
  | 'tuned-on-evaluated';

/** A reason not to trust the figures. */
export interface EvaluationWarning {
  readonly code: WarningCode;
  /** One line with the figures and a remedy. */
  readonly message: string;
}

/** From this share of test sessions within the training period, a split counts as random. */
const RANDOM_SHARE = 0.5;
/**
 * Up to this share they are explained by sessions that crossed the cut and lost their last events because training does
 * not know the items.
 */
const STRADDLING_SHARE = 0.001;
/** From this share of targets with the score of another item, ranks say more about the tie rule than the scorer. */
const TIED_SHARE = 0.1;
/** Recall@20 of 0.4 over this many independent predictions has a standard error of 0.015. */
const FEW_PREDICTIONS = 1000;
/**
 * p-values of very lopsided differences are below 0.05 by chance in 12 % of cases with 20 sessions, in 5 % with 30.
 * Simulated 95 % intervals contain the mean in 94 % of cases from 10 sessions on; with 5 and rare hits, in 77 %.
 */
const FEW_SESSIONS = 30;

/**
 * Warns of figures that may mislead: if training has seen events from after the test sessions, if the tie rule decides, if few
 * sessions were evaluated, or those on which a scorer was tuned (each code in the README).
 * @returns in the order of `WarningCode`, `tied-scores` and `tuned-on-evaluated` once per scorer (fresh).
 * @example
 * const [{ code }] = evaluationWarnings({ predictions: 12 }); // 'few-predictions'
 */
export function evaluationWarnings(facts: EvaluationFacts): EvaluationWarning[] {
  checkOptions('evaluationWarnings', facts, checks);
  return [
    ...judgeSplit(facts),
    ...judgeTies(facts),
    ...judgeRepeats(facts),
    ...judgePredictions(facts),
    ...judgeSessions(facts),
    ...judgeTuning(facts),
  ];
}

function judgeSplit({ split }: EvaluationFacts): EvaluationWarning[] {
  if (split === undefined) return [];
  const { inside, testSessions, after, trainSessions } = 'inside' in split ? split : overlapOf(split);
  const share = inside / testSessions;
  if (!(share > STRADDLING_SHARE)) return [];
  const problem =
    `${outOf(inside, testSessions)} test sessions ended before the last training session started, and ` +
    `${outOf(after, trainSessions)} training sessions started after the first test session had ended`;
  if (share >= RANDOM_SHARE) {
    const message = `${problem}: the split looks random, and training knows what came later. Split by time.`;
    return [{ code: 'random-split', message }];
  }
  const message = `${problem}: the splits overlap in time. Train only on sessions from before the test sessions.`;
  return [{ code: 'overlapping-split', message }];
}

function overlapOf({ train, test }: Record<'train' | 'test', TimedSessions>): SplitOverlap {
  const starts = startsOf(train);
  const ends = endsOf(test);
  const lastStart = starts.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const firstEnd = ends.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return {
    inside: endedBefore(test, lastStart),
    testSessions: ends.length,
    after: startedAfter(train, firstEnd),
    trainSessions: starts.length,
  };
}

/** How many sessions ended before a time. */
export function endedBefore(sessions: TimedSessions, time: number): number {
  return endsOf(sessions).filter((end) => end < time).length;
}

/** How many sessions started after a time. */
export function startedAfter(sessions: TimedSessions, time: number): number {
  return startsOf(sessions).filter((start) => start > time).length;
}

function startsOf(sessions: TimedSessions): Float64Array {
  return timesOf(sessions, (start) => start);
}

function endsOf(sessions: TimedSessions): Float64Array {
  return timesOf(sessions, (_, end) => end - 1);
}

function timesOf(
  { sessionOffsets, times }: TimedSessions,
  eventOf: (start: number, end: number) => number,
): Float64Array {
  const picked = new Float64Array(Math.max(0, sessionOffsets.length - 1));
  let sessions = 0;
  for (let session = 1; session < sessionOffsets.length; session++) {
    const [start, end] = [sessionOffsets[session - 1], sessionOffsets[session]];
    if (end > start) picked[sessions++] = Number(times[eventOf(start, end)]);
  }
  return picked.subarray(0, sessions);
}

function judgeTies({ scorers = [] }: EvaluationFacts): EvaluationWarning[] {
  return scorers.flatMap(({ name, ties: { targets, tied, most } }) => {
    if (!(tied / targets >= TIED_SHARE)) return [];
    const message =
      `${outOf(tied, targets)} targets have the score of other items with ${name}, one of them that of ` +
      `${digits(most - 1)}: the figures depend on the tie rule. Compare the rules 'standard' and 'conservative', ` +
      'and look for saturated scores.';
    return [{ code: 'tied-scores', message }];
  });
}

function judgeRepeats({ repeatsRemoved = 0 }: EvaluationFacts): EvaluationWarning[] {
  if (repeatsRemoved === 0) return [];
  const message =
    `Preparation removed ${digits(repeatsRemoved)} repeats of the item before (collapseRepeats): the figures do ` +
    'not compare with those on data that keep them. Say so beside them, or prepare without collapseRepeats.';
  return [{ code: 'repeats-removed', message }];
}

function judgePredictions({ predictions }: EvaluationFacts): EvaluationWarning[] {
  if (predictions >= FEW_PREDICTIONS) return [];
  const message =
    `${digits(predictions)} predictions are few, fewer than ${digits(FEW_PREDICTIONS)}: small differences are chance. ` +
    'Evaluate more sessions, or give intervals.';
  return [{ code: 'few-predictions', message }];
}

function judgeSessions({ sessions = FEW_SESSIONS }: EvaluationFacts): EvaluationWarning[] {
  if (sessions >= FEW_SESSIONS) return [];
  const message =
    `${sessions === 1 ? '1 session is' : `${sessions} sessions are`} few, fewer than ${FEW_SESSIONS}: intervals are wide, ` +
    'below ten sessions unreliable, and p-values too small where one of two models is seldom better, but then by much. Evaluate more sessions.';
  return [{ code: 'few-sessions', message }];
}

function judgeTuning({ tuning }: EvaluationFacts): EvaluationWarning[] {
  if (tuning === undefined) return [];
  const { evaluated, tunedOn } = tuning;
  const names = tunedOn.filter(({ checksum }) => checksum === evaluated).map(({ name }) => name);
  return [...new Set(names)].map((name) => {
    const message =
      `${name} was tuned on the sessions evaluated here (checksum ${evaluated.slice(0, 12)}): its figures are too good. ` +
      'Tune on validation sessions, and evaluate others.';
    return { code: 'tuned-on-evaluated', message };
  });
}

function outOf(count: number, all: number): string {
  return `${digits(count)} of ${digits(all)} (${((100 * count) / all).toFixed(1)} %)`;
}

function digits(count: number): string {
  return count.toLocaleString('en-US');
}
