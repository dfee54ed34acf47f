import type { StudyStorage } from './storage/storage.ts';
import type { StudySettings } from './study-options.ts';
import type { TrialOutcome, TrialRecord } from './trial.ts';

/** Supplies the workers of a coordinator with trials, and stores how they end. */
export interface TrialSource {
  /** All trials that are known here, in order of number. Changes as the study continues. */
  readonly trials: TrialRecord[];
  /** @returns a started trial for this coordinator; undefined when none is left or after an abort. */
  next(signal: AbortSignal): Promise<TrialRecord | undefined>;
  /** Reads what other coordinators have done. Missing if there are none. */
  readonly refresh?: () => Promise<void>;
  /** Keeps others from taking a trial. @returns true if one has taken it, false when `until` is aborted. */
  hold?(number: number, until: AbortSignal): Promise<boolean>;
  /** Stores how a trial ended. @returns false if another coordinator has taken it. */
  end(trial: TrialRecord): Promise<boolean>;
}

/** @returns a new running trial that follows `trials`. */
export function suggestTrial(settings: StudySettings, trials: readonly TrialRecord[]): TrialRecord {
  const { space, seed, direction, sampler } = settings;
  const number = trials.length;
  const values = sampler.suggest({ space, number, seed, direction, trials });
  return { number, values, state: 'running', startedMs: Date.now(), reports: [] };
}

/** @returns the outcome of an ended trial. */
export function outcomeOf({ state, value, error, endedMs = Date.now() }: TrialRecord): TrialOutcome {
  return { state: state as TrialOutcome['state'], value, error, endedMs };
}

/** The trials of a study with one coordinator, which knows all of them. */
export class OwnTrials implements TrialSource {
  readonly trials: TrialRecord[];
  readonly #settings: StudySettings;
  readonly #storage: StudyStorage;
  /** Trials that an earlier run started and did not end. */
  readonly #unfinished: TrialRecord[];

  /** @param trials - the stored trials in order of number. Owned and changed by this object. */
  constructor(settings: StudySettings, storage: StudyStorage, trials: TrialRecord[]) {
    this.#settings = settings;
    this.#storage = storage;
    this.trials = trials;
    this.#unfinished = trials.filter(({ number, state }) => state === 'running' && number < settings.trials);
  }

  async next(): Promise<TrialRecord | undefined> {
    const trial = this.#take();
    if (trial) await this.#storage.startTrial(trial);
    return trial;
  }

  async end(trial: TrialRecord): Promise<boolean> {
    await this.#storage.endTrial(trial.number, outcomeOf(trial));
    this.trials[trial.number] = trial;
    return true;
  }

  /** Takes the next trial synchronously, so that no other worker takes the same one. */
  #take(): TrialRecord | undefined {
    const unfinished = this.#unfinished.shift();
    if (!unfinished && this.trials.length >= this.#settings.trials) return undefined;
    const trial = unfinished
      ? { ...unfinished, startedMs: Date.now(), reports: [] }
      : suggestTrial(this.#settings, this.trials);
    this.trials[trial.number] = trial;
    return trial;
  }
}
