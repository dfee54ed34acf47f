import { show } from '@gru4rec/checks';
import { checkJson, type JsonFlaw } from '@gru4rec/checks/json';
import { z } from 'zod';
import {
  canonicalJson,
  isObject,
  isPlain,
  isValueOf,
  type Json,
  type JsonObject,
  parseSpace,
  type Space,
} from '../space.ts';
import type { Direction, Report, TrialOutcome, TrialRecord } from '../trial.ts';

/** The settings of a study. It can be continued only with equal ones. */
export interface StudyRecord {
  readonly space: Space;
  readonly direction: Direction;
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
 * Stores a study for one coordinator or several, on one machine or many.
 *
 * A running trial is leased to its coordinator, which renews the lease. When the lease expires, the trial is abandoned
 * and a coordinator may take it; what the former one still reports is dropped. `close` abandons the trials that have not
 * ended. Changes are made in the order of the calls. A change is durable once its promise is fulfilled, however the
 * process ends.
 */
export interface StudyStorage {
  /** Where the study is stored, for messages, such as the path of a file. */
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
   * Takes the first abandoned trial and deletes its reports.
   *
   * @param below - exclusive limit of the number.
   * @param startedMs - milliseconds since 1970.
   * @param own - numbers of the trials that this coordinator runs, which are not abandoned.
   * @returns the trial's number; undefined if none is abandoned.
   */
  takeAbandoned(below: number, startedMs: number, own: readonly number[]): Promise<number | undefined>;
  /** Renews the lease of a trial. @returns false if it is lost. */
  renew(number: number): Promise<boolean>;
  /** Stores a report of a running trial. */
  addReport(number: number, report: Report): Promise<void>;
  /** Stores how a trial ended. @returns false, and changes nothing, if the lease is lost. */
  endTrial(number: number, outcome: TrialOutcome): Promise<boolean>;
  /** Closes the storage after all changes, so that another coordinator can continue. */
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

const object = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;
const count = z.int().nonnegative();

const studySchema = z.object({
  space: z.unknown(),
  direction: z.enum(['maximize', 'minimize']),
  sampler: object,
  pruner: object.nullable(),
  seed: z.string().regex(/^\d{1,40}$/, 'expected decimal digits'),
  fingerprint: object,
});

const trialSchema = z.object({
  number: count,
  values: object,
  state: z.enum(['running', 'complete', 'pruned', 'failed']),
  value: z.number().optional(),
  error: z.string().optional(),
  startedMs: z.int(),
  endedMs: z.int().optional(),
  reports: z.array(z.object({ step: count, value: z.number() })),
});

const trialsSchema = z.array(trialSchema).superRefine((trials, context) => {
  for (const [index, { number, state, value, reports }] of trials.entries()) {
    const refuse = (key: string, expected: string) =>
      context.addIssue({ code: 'custom', path: [index, key], message: `expected ${expected}` });
    if (number !== index) refuse('number', String(index));
    if (state === 'complete' && value === undefined) refuse('value', 'a number');
    if (reports.some(({ step }, r) => r > 0 && step <= (reports[r - 1]?.step ?? 0))) {
      refuse('reports', 'steps that increase');
    }
  }
});

function alteredStudy({ path, expected, got }: JsonFlaw, place: string, cause?: unknown): StudyError {
  return new StudyError(
    `runStudy: "${path}" expected ${expected}, got ${got}, at ${place}. Another program changed the study. Name another study.`,
    { cause },
  );
}

/** @throws StudyError naming the first setting of a stored study that no coordinator can have written. */
export function checkStudy(found: Readonly<Record<string, unknown>>, place: string): StudyRecord {
  const study = checkJson(studySchema, found, (flaw) => alteredStudy(flaw, place));
  try {
    return { ...study, space: parseSpace(study.space) };
  } catch (cause) {
    const flaw = { path: 'space', expected: 'a search space', got: 'another value' };
    throw alteredStudy(flaw, place, cause);
  }
}

/** @throws StudyError naming the first value of stored trials, in order of number, that no coordinator can have written. */
export function checkTrials(found: readonly unknown[], place: string): TrialRecord[] {
  return checkJson(trialsSchema, found, ({ path, ...flaw }) =>
    alteredStudy({ path: `trials.${path}`, ...flaw }, place),
  );
}

/** @throws StudyError naming the first value of a trial that is not in the space. Samplers and trials use them unchecked. */
export function checkValues(trials: readonly TrialRecord[], space: Space, place: string): void {
  for (const { number, values } of trials) {
    for (const [name, parameter] of Object.entries(space)) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value !== undefined && isPlain(value) && isValueOf(parameter, value)) continue;
      const path = `trials.${number}.values.${name}`;
      throw alteredStudy({ path, expected: 'a value of the space', got: show(value) }, place);
    }
  }
}

/** @throws StudyError naming every setting that differs between the stored study and the one to continue. */
export function checkSameStudy(stored: StudyRecord, given: StudyRecord, place: string): void {
  const [before, now] = [settingsOf(stored), settingsOf(given)];
  const differences = [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `"${name}" expected ${before.get(name) ?? 'nothing'}, got ${now.get(name) ?? 'nothing'}`);
  if (differences.length === 0) return;
  throw new StudyError(
    `runStudy: ${differences.join('; ')}, at ${place}. Continue the study with the settings it was started with, or name another study.`,
  );
}

/** The JSON of every setting that a message names separately, by name. A parameter of the space is one setting. */
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
