import { type Seed, seedWords } from '@gru4rec/random';
import type { JsonObject } from './json.ts';
import type { Pruner } from './pruners/pruner.ts';
import type { Sampler } from './samplers/sampler.ts';
import { createTpeSampler } from './samplers/tpe.ts';
import type { Space, Values } from './space.ts';
import type { SharedStorage, StudyStorage } from './storage/storage.ts';
import type { Direction, TrialRecord } from './trial.ts';

/** A trial that `run` is called with. */
export interface RunningTrial {
  /** From 0. */
  readonly number: number;
  /** One value per parameter of the space. */
  readonly values: Values;
  /**
   * Reports an intermediate value to the pruner. It is stored before the trial's end is.
   *
   * @param step - integer ≥ 0, greater than the previous one.
   * @param value - finite.
   * @returns true if the trial is pruned. It should then stop; its result is ignored.
   * @throws RangeError if a number is out of range, Error if the trial has ended.
   */
  readonly report: (step: number, value: number) => boolean;
  /**
   * Aborted when the trial should stop and its result will be ignored: because the study stops and will run it again,
   * because another coordinator has taken it, or because results of other coordinators prune it.
   */
  readonly signal: AbortSignal;
}

/** A search: its space, its method, its trials and its storage. */
export interface StudyOptions {
  /** Not closed by the study. */
  readonly storage: StudyStorage | SharedStorage;
  readonly space: Space;
  /** Default: TPE. */
  readonly sampler?: Sampler | undefined;
  /** Default: none. */
  readonly pruner?: Pruner | undefined;
  /** Number of trials, including those of earlier runs of the study and of other coordinators. */
  readonly trials: number;
  /** Number of trials to run at the same time in this process. Default: 1. */
  readonly parallel?: number | undefined;
  readonly seed: Seed;
  readonly direction: Direction;
  /** What the trials depend on besides their values, such as the dataset's checksum. Default: nothing. */
  readonly fingerprint?: JsonObject | undefined;
  /** Number of failed trials in a row that ends the study. Default: 5. */
  readonly mostFailures?: number | undefined;
  /** Ends the study early, once `run` has returned for the running trials. A later run starts these trials again. */
  readonly signal?: AbortSignal | undefined;
  /** Runs one trial, which fails if this throws. @returns the trial's value, finite. */
  readonly run: (trial: RunningTrial) => number | Promise<number>;
  /** Called when the end of a trial of this process is stored, with all trials of the study that are known here. */
  readonly onTrial?: ((trial: TrialRecord, trials: readonly TrialRecord[]) => void) | undefined;
  /** Called when no trial is left to start here, with the numbers of the trials that other coordinators run. */
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
 * @throws RangeError if a value is out of range, TypeError if the seed is not a number.
 */
export function checkStudyOptions(options: StudyOptions): StudySettings {
  const { parallel = 1, mostFailures = 5 } = options;
  seedWords(options.seed);
  return {
    ...options,
    sampler: options.sampler ?? createTpeSampler(),
    fingerprint: options.fingerprint ?? {},
    parallel,
    mostFailures,
  };
}
