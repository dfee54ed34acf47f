import type { JsonObject } from '../json.ts';
import type { Space } from '../space.ts';
import type { Direction, Report, TrialOutcome, TrialRecord } from '../trial.ts';

/** What makes a study the same study. */
export interface StudyRecord {
  readonly space: Space;
  readonly direction: Direction;
  /** Settings of the sampler. */
  readonly sampler: JsonObject;
  /** Settings of the pruner; null without one. */
  readonly pruner: JsonObject | null;
  /** In decimal digits. */
  readonly seed: string;
  /** What the caller's trials depend on besides, such as the dataset's checksum. */
  readonly fingerprint: JsonObject;
}

/** A trial as it starts. */
export type StartedTrial = Pick<TrialRecord, 'number' | 'values' | 'startedMs'>;

/**
 * Where a study is kept. One coordinator uses it at a time.
 *
 * Changes are made in the order of the calls. A change is durable once its promise is fulfilled: the end of the
 * process, however sudden, takes nothing of it away.
 */
export interface StudyStorage {
  /** For messages, such as the path of a file. */
  readonly place: string;
  /** @returns undefined before `begin`. */
  study(): Promise<StudyRecord | undefined>;
  /** Starts the study; called once in its life. */
  begin(study: StudyRecord): Promise<void>;
  /** @returns all trials in order of number (fresh). */
  trials(): Promise<TrialRecord[]>;
  /** Adds a trial, or starts a running one anew: its reports are forgotten. */
  startTrial(trial: StartedTrial): Promise<void>;
  addReport(number: number, report: Report): Promise<void>;
  endTrial(number: number, outcome: TrialOutcome): Promise<void>;
  /** Lets another coordinator open it, once all changes are made. */
  close(): Promise<void>;
}
