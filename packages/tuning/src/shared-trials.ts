import { setTimeout } from 'node:timers/promises';
import { checkValues } from './check-values.ts';
import type { SharedStorage } from './storage/storage.ts';
import type { StudySettings } from './study-options.ts';
import type { TrialRecord } from './trial.ts';
import { outcomeOf, suggestTrial, type TrialSource } from './trial-source.ts';

/** Times that an idle coordinator looks for an abandoned trial per interval between two renewals of a lease. */
const LOOKS = 15;

/** The trials of a study that several coordinators run. */
export class SharedTrials implements TrialSource {
  readonly trials: TrialRecord[] = [];
  readonly #settings: StudySettings;
  readonly #storage: SharedStorage;
  /** Numbers of the trials that run here. */
  readonly #own = new Set<number>();
  #taking: Promise<unknown> = Promise.resolve();
  #reading: Promise<void> | undefined;
  /** Numbers of the trials that `onWait` was last called with. */
  #awaited = '';

  constructor(settings: StudySettings, storage: SharedStorage) {
    this.#settings = settings;
    this.#storage = storage;
  }

  /** Workers take trials one after another. */
  next(signal: AbortSignal): Promise<TrialRecord | undefined> {
    const taken = this.#taking.then(() => this.#take(signal));
    this.#taking = taken.catch(() => {});
    return taken;
  }

  /** Concurrent calls share one read. */
  readonly refresh = (): Promise<void> => {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  };

  async hold(number: number, until: AbortSignal): Promise<boolean> {
    try {
      while (await pause(this.#storage.renewMs, until)) {
        if (!(await this.#storage.renew(number))) return true;
      }
      return false;
    } finally {
      this.#own.delete(number);
    }
  }

  async end(trial: TrialRecord): Promise<boolean> {
    const kept = await this.#storage.endTrial(trial.number, outcomeOf(trial));
    if (kept) this.trials[trial.number] = trial;
    return kept;
  }

  async #take(signal: AbortSignal): Promise<TrialRecord | undefined> {
    const { trials: limit } = this.#settings;
    do {
      const number = await this.#storage.takeAbandoned(limit, Date.now());
      await this.#read();
      if (number !== undefined) return this.#run(this.trials[number]);
      if (this.trials.length < limit) {
        const trial = suggestTrial(this.#settings, this.trials);
        if (await this.#storage.addTrial(trial)) return this.#run(trial);
        continue;
      }
      if (!this.#mustWait()) return undefined;
    } while (await pause(this.#storage.renewMs / LOOKS, signal));
    return undefined;
  }

  #run(trial: TrialRecord): TrialRecord {
    this.#own.add(trial.number);
    this.trials[trial.number] = trial;
    return trial;
  }

  /** Whether trials run elsewhere, any of which may still be abandoned. */
  #mustWait(): boolean {
    const { trials: limit, onWait } = this.#settings;
    const others = this.trials
      .slice(0, limit)
      .filter(({ number, state }) => state === 'running' && !this.#own.has(number))
      .map(({ number }) => number);
    const awaited = others.join();
    if (awaited !== this.#awaited && awaited !== '') onWait?.(others);
    this.#awaited = awaited;
    return others.length > 0;
  }

  async #read(): Promise<void> {
    const trials = await this.#storage.trials();
    checkValues(trials, this.#settings.space, this.#storage.place);
    this.trials.splice(0, this.trials.length, ...trials);
  }
}

/** @returns true after the pause, false if it is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return setTimeout(milliseconds, true, { signal }).catch(() => false);
}
