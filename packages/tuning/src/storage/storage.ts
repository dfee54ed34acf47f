import { canonicalJson, isObject, type Json, type JsonObject, type Space } from '../space.ts';
import type { Direction, Report, TrialOutcome, TrialRecord } from '../trial.ts';

/** The settings of a study. It can be continued only with equal ones. */
export interface StudyRecord {
  readonly space: Space;
  readonly direction: Direction;
  readonly sampler: JsonObject;
  /** Settings of the pruner; null without one. */
  readonly pruner: JsonObject | null;
  readonly seed: string;
  /** What else the caller's trials depend on, such as the dataset's checksum. */
  readonly fingerprint: JsonObject;
}

/** A trial when it starts. */
export type StartedTrial = Pick<TrialRecord, 'number' | 'values' | 'startedMs'>;

/**
 * Stores a study for one coordinator or several, on one machine or many.
 *
 * A running trial is leased to its coordinator, which renews the lease. When it expires, the trial is abandoned and any coordinator
 * may take it; what the former one still reports is dropped. Changes are made in the order of the calls. One is durable once
 * its promise is fulfilled, however the process ends.
 */
export interface StudyStorage {
  /** Where the study is, for messages, such as the path of a file. */
  readonly place: string;
  /** Milliseconds after which a lease must be renewed. */
  readonly renewMs: number;
  /** @returns undefined before `begin`. */
  study(): Promise<StudyRecord | undefined>;
  /** Stores the settings of a new study, or keeps those of another coordinator that was faster. */
  begin(study: StudyRecord): Promise<void>;
  /** @returns all trials in order of number, in a new array. */
  trials(): Promise<TrialRecord[]>;
  /** Adds a trial and leases it. @returns false if there is a trial of this number. */
  addTrial(trial: StartedTrial): Promise<boolean>;
  /**
   * Takes the first abandoned trial whose number is below a limit, and deletes its reports.
   * @param trials - numbers of those that this coordinator runs, which are not abandoned.
   * @returns the trial's number; undefined if none is abandoned.
   */
  takeAbandoned(below: number, startedMs: number, trials: readonly number[]): Promise<number | undefined>;
  /** Renews the lease of a trial. @returns false if it is lost. */
  renew(number: number): Promise<boolean>;
  /** Stores a report of a running trial. */
  addReport(number: number, report: Report): Promise<void>;
  /** Stores how a trial ended. @returns false, and changes nothing, if the lease is lost. */
  endTrial(number: number, outcome: TrialOutcome): Promise<boolean>;
  /** Closes the storage after all changes, and abandons the trials that have not ended. */
  close(): Promise<void>;
}

/** A study that cannot be opened, continued or finished. The message is one line. */
export class StudyError extends Error {
  override readonly name = 'StudyError';
}

export function storageError(cause: unknown, place: string): StudyError {
  return new StudyError(
    `runStudy: "storage" expected to be readable and writable, got ${reasonOf(cause)}, at ${place}. Fix the cause and run the study again to continue it.`,
    { cause },
  );
}

export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split('\n', 1)[0] ?? '';
}

/** @throws StudyError naming every setting that differs between the stored study and the one to continue. */
export function checkSameStudy(stored: StudyRecord, asked: StudyRecord, place: string): void {
  const [before, now] = [settingsOf(stored), settingsOf(asked)];
  const differences = [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `"${name}" expected ${before.get(name) ?? 'nothing'}, got ${now.get(name) ?? 'nothing'}`);
  if (differences.length === 0) return;
  throw new StudyError(
    `runStudy: ${differences.join('; ')}, at ${place}. Continue the study with the settings it was started with, or name another study.`,
  );
}

/** The JSON of each setting by name. A parameter of the space is one setting. */
function settingsOf({ space, pruner, fingerprint, ...rest }: StudyRecord): Map<string, string> {
  const parameters = Object.entries(space).map(([name, parameter]): Leaf => [`space.${name}`, parameter]);
  const outside = Object.entries(fingerprint).map(([name, value]): Leaf => [`fingerprint.${name}`, value]);
  const others = [...Object.entries({ ...rest, ...(pruner && { pruner }) }), ...outside];
  const all = [...parameters, ...others.flatMap(([name, value]) => leaves(name, value))];
  return new Map(all.map(([name, value]) => [name, canonicalJson(value)]));
}

type Leaf = readonly [name: string, value: Json];

function leaves(name: string, value: Json): Leaf[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [[name, value]];
  return Object.entries(value).flatMap(([key, part]) => leaves(`${name}.${key}`, part));
}
