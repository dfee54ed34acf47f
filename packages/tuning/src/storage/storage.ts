import type { JsonObject } from '../json.ts';
import type { Space } from '../space.ts';
import type { Direction, Report, TrialOutcome, TrialRecord } from '../trial.ts';

/** The settings of a study. It can be continued only with equal ones. */
export interface StudyRecord {
  readonly space: Space;
  readonly direction: Direction;
  /** Settings of the sampler. */
  readonly sampler: JsonObject;
  /** Settings of the pruner; null without one. */
  readonly pruner: JsonObject | null;
  /** In decimal digits. */
  readonly seed: string;
  /** What else the caller's trials depend on, such as the dataset's checksum. */
  readonly fingerprint: JsonObject;
}

/** What is stored of a trial when it starts. */
export type StartedTrial = Pick<TrialRecord, 'number' | 'values' | 'startedMs'>;

/**
 * The operations of every study storage.
 *
 * Changes are made in the order of the calls. A change is durable once its promise is fulfilled, however the process
 * ends.
 */
export interface StudyTables {
  /** Where the study is stored, for messages, such as the path of a file. */
  readonly place: string;
  /** @returns undefined before `begin`. */
  study(): Promise<StudyRecord | undefined>;
  /** Stores the settings of a new study. A shared storage keeps those of another coordinator that was faster. */
  begin(study: StudyRecord): Promise<void>;
  /** @returns all trials in order of number, in a new array. */
  trials(): Promise<TrialRecord[]>;
  /** Stores a report of a running trial. */
  addReport(number: number, report: Report): Promise<void>;
  /** Closes the storage after all changes, so that another coordinator can continue. */
  close(): Promise<void>;
}

/** A storage for one coordinator at a time. */
export interface StudyStorage extends StudyTables {
  /** Adds a trial, or restarts a running one and deletes its reports. */
  startTrial(trial: StartedTrial): Promise<void>;
  /** Stores how a trial ended. */
  endTrial(number: number, outcome: TrialOutcome): Promise<void>;
}

/**
 * A storage for several coordinators at a time, on one machine or many.
 *
 * A running trial is leased to its coordinator, which renews the lease. When the lease expires, the trial is abandoned
 * and another coordinator may take it; what the former one still reports is dropped. `close` abandons the trials that
 * have not ended.
 */
export interface SharedStorage extends StudyTables {
  /** Milliseconds after which a lease must be renewed. */
  readonly renewMs: number;
  /** Adds a trial and leases it. @returns false if another coordinator has added a trial of this number. */
  addTrial(trial: StartedTrial): Promise<boolean>;
  /**
   * Takes the first abandoned trial and deletes its reports.
   *
   * @param below - exclusive limit of the number.
   * @param startedMs - milliseconds since 1970.
   * @returns the trial's number; undefined if none is abandoned.
   */
  takeAbandoned(below: number, startedMs: number): Promise<number | undefined>;
  /** Renews the lease of a trial. @returns false if it is lost. */
  renew(number: number): Promise<boolean>;
  /** Stores how a trial ended. @returns false, and changes nothing, if the lease is lost. */
  endTrial(number: number, outcome: TrialOutcome): Promise<boolean>;
}

/** Whether several coordinators can use a storage at the same time. */
export function isShared(storage: StudyStorage | SharedStorage): storage is SharedStorage {
  return 'renewMs' in storage;
}
