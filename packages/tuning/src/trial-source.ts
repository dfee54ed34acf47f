import type { StudyStorage } from './storage/storage.ts';
import type { StudySettings } from './study-options.ts';
import type { TrialOutcome, TrialRecord } from './trial.ts';

/** Where the workers of a coordinator get their trials, and where ends are kept. */
export interface TrialSource {
  /** All trials as far as they are known here, in order of number; changed as the study goes on. */
  readonly trials: TrialRecord[];
  /** @returns a trial that is this coordinator's, started; undefined when none is left, or after an abort. */
  next(signal: AbortSignal): Promise<TrialRecord | undefined>;
  /** Learns what other coordinators have done; missing where there are none. */
  readonly refresh?: () => Promise<void>;
  /** Keeps others from taking a trial. @returns true if one has taken it, false at the abort of `until`. */
  hold?(number: number, until: AbortSignal): Promise<boolean>;
  /** Keeps the end of a trial. @returns false if it is another's by now. */
  end(trial: TrialRecord): Promise<boolean>;
}

/** @returns a trial after those that are there, under way. */
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

/** The trials of a coordinator that has the study for itself: all of them are known here. */
export class OwnTrials implements TrialSource {
  readonly trials: TrialRecord[];
  readonly #settings: StudySettings;
  readonly #storage: StudyStorage;
  /** Started in an earlier run, not ended. */
  readonly #unfinished: TrialRecord[];

  /** @param trials - what is kept, in order of number; kept and changed. */
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

  /** At once, so that no other worker takes the same. */
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
