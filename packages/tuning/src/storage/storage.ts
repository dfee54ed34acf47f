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
 * What every place where a study is kept can do.
 *
 * Changes are made in the order of the calls. A change is durable once its promise is fulfilled: the end of the
 * process, however sudden, takes nothing of it away.
 */
export interface StudyTables {
  /** For messages, such as the path of a file. */
  readonly place: string;
  /** @returns undefined before `begin`. */
  study(): Promise<StudyRecord | undefined>;
  /** Starts the study; called once in its life, or changes nothing where another coordinator was faster. */
  begin(study: StudyRecord): Promise<void>;
  /** @returns all trials in order of number (fresh). */
  trials(): Promise<TrialRecord[]>;
  /** Stores a value that a running trial has reported. */
  addReport(number: number, report: Report): Promise<void>;
  /** Lets another coordinator go on, once all changes are made. */
  close(): Promise<void>;
}

/** Where a study is kept that one coordinator uses at a time. */
export interface StudyStorage extends StudyTables {
  /** Adds a trial, or starts a running one anew: its reports are forgotten. */
  startTrial(trial: StartedTrial): Promise<void>;
  /** Stores how a running trial ended. */
  endTrial(number: number, outcome: TrialOutcome): Promise<void>;
}

/**
 * Where a study is kept that several coordinators use at a time, on one machine or many.
 *
 * A trial under way is leased to the coordinator that runs it, which renews the lease. Once a lease has run out the
 * trial is abandoned, and another coordinator may take it; nothing that the former one then says of it is kept. `close`
 * abandons what is not ended.
 */
export interface SharedStorage extends StudyTables {
  /** Milliseconds after which a lease is to be renewed. */
  readonly renewMs: number;
  /** Adds a trial, leased. @returns false if another coordinator has added one of this number. */
  addTrial(trial: StartedTrial): Promise<boolean>;
  /**
   * Takes the first abandoned trial: its reports are forgotten.
   *
   * @param below - limit of the number, exclusive.
   * @param startedMs - milliseconds since 1970.
   * @returns its number; undefined if none is abandoned.
   */
  takeAbandoned(below: number, startedMs: number): Promise<number | undefined>;
  /** @returns false if the lease is lost. */
  renew(number: number): Promise<boolean>;
  /** @returns false, and changes nothing, if the lease is lost. */
  endTrial(number: number, outcome: TrialOutcome): Promise<boolean>;
}

/** Whether other coordinators may use a storage at the same time. */
export function isShared(storage: StudyStorage | SharedStorage): storage is SharedStorage {
  return 'renewMs' in storage;
}
