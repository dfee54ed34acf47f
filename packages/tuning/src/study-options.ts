import { type Seed, seedWords } from '@gru4rec/random';
import type { JsonObject } from './json.ts';
import type { Pruner } from './pruners/pruner.ts';
import type { Sampler } from './samplers/sampler.ts';
import { createTpeSampler } from './samplers/tpe.ts';
import type { Space, Values } from './space.ts';
import type { SharedStorage, StudyStorage } from './storage/storage.ts';
import type { Direction, TrialRecord } from './trial.ts';

/** A trial as it is handed to `run`. */
export interface RunningTrial {
  readonly number: number;
  readonly values: Values;
  /**
   * Tells a value before the end, for the pruner. The value is kept by the time the trial's end is.
   *
   * @param step - integer ≥ 0, greater than the one before.
   * @returns true if the trial is pruned: it is to stop, and how it ends no longer matters.
   * @throws RangeError if a number is out of range, Error if the trial has ended.
   */
  readonly report: (step: number, value: number) => boolean;
  /**
   * Aborted when the trial is to stop: how it ends no longer matters. The study stops, and runs it again the next time;
   * another coordinator has taken it; or what others found prunes it.
   */
  readonly signal: AbortSignal;
}

/** What to search, how, and where it is kept. */
export interface StudyOptions {
  readonly storage: StudyStorage | SharedStorage;
  readonly space: Space;
  /** TPE if not given. */
  readonly sampler?: Sampler | undefined;
  /** None if not given. */
  readonly pruner?: Pruner | undefined;
  /** Trials in all, those of earlier runs of the study and of other coordinators included. */
  readonly trials: number;
  /** Trials at a time in this process: 1 if not given. */
  readonly parallel?: number | undefined;
  readonly seed: Seed;
  readonly direction: Direction;
  /** What the trials depend on besides their values, such as the dataset's checksum: nothing if not given. */
  readonly fingerprint?: JsonObject | undefined;
  /** So many failed trials in a row end the study: 5 if not given. */
  readonly mostFailures?: number | undefined;
  /** Ends the study early, once `run` has returned for the trials under way; another run goes on with them. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Runs one trial. If it throws, the trial has failed.
   * @returns the trial's value, finite.
   */
  readonly run: (trial: RunningTrial) => number | Promise<number>;
  /** Called when the end of a trial of this process is kept, with all trials of the study as they are known here. */
  readonly onTrial?: ((trial: TrialRecord, trials: readonly TrialRecord[]) => void) | undefined;
  /** Called when nothing is left to be started here, with the numbers of trials that run elsewhere. */
  readonly onWait?: ((numbers: readonly number[]) => void) | undefined;
}

type Defaults = 'sampler' | 'parallel' | 'fingerprint' | 'mostFailures';

/** Options with every default filled in. */
export type StudySettings = StudyOptions & {
  readonly [Name in Defaults]-?: NonNullable<StudyOptions[Name]>;
};

/**
 * Checks the options and fills in defaults.
 *
 * @throws RangeError if a value is out of range, TypeError if the seed is no number.
 */
export function checkStudyOptions(options: StudyOptions): StudySettings {
  const { direction, trials, parallel = 1, mostFailures = 5 } = options;
  for (const [name, value] of Object.entries({ trials, parallel, mostFailures })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new RangeError(`runStudy: "${name}" expected integer >= 1, got ${value}.`);
  }
  if (direction !== 'maximize' && direction !== 'minimize') {
    throw new RangeError(`runStudy: "direction" expected maximize or minimize, got ${direction}.`);
  }
  seedWords(options.seed);
  return {
    ...options,
    sampler: options.sampler ?? createTpeSampler(),
    fingerprint: options.fingerprint ?? {},
    parallel,
    mostFailures,
  };
}
