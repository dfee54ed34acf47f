import { StudyError } from './study-error.ts';
import type { StudySettings } from './study-options.ts';
import type { TrialOutcome, TrialRecord } from './trial.ts';
import { TrialRun } from './trial-run.ts';

/** One coordinator's run of a study: so many workers that take the next trial until there is none. */
export class StudyRun {
  readonly #settings: StudySettings;
  readonly #trials: TrialRecord[];
  /** Started in an earlier run, not ended. */
  readonly #unfinished: TrialRecord[];
  readonly #running = new Set<TrialRun>();
  #stopped = false;
  #failuresInARow = 0;
  #error: { readonly thrown: unknown } | undefined;

  /** @param trials - what is kept, in order of number; kept and changed. */
  constructor(settings: StudySettings, trials: TrialRecord[]) {
    this.#settings = settings;
    this.#trials = trials;
    this.#unfinished = trials.filter(({ number, state }) => state === 'running' && number < settings.trials);
  }

  /** @returns all trials, as they are when none is running any more. */
  async finish(): Promise<readonly TrialRecord[]> {
    const { signal, parallel } = this.#settings;
    const stop = () => this.#stop();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await Promise.all(Array.from({ length: parallel }, () => this.#work()));
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    if (this.#error) throw this.#error.thrown;
    return this.#trials;
  }

  #stop(): void {
    this.#stopped = true;
    for (const trial of this.#running) trial.abort();
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopped) {
        const trial = this.#next();
        if (!trial) return;
        await this.#runTrial(trial);
      }
    } catch (thrown) {
      this.#error ??= { thrown };
      this.#stop();
    }
  }

  /** Takes a trial, at once, so that no other worker takes the same. */
  #next(): TrialRecord | undefined {
    const unfinished = this.#unfinished.shift();
    if (unfinished) return this.#keep({ ...unfinished, startedMs: Date.now(), reports: [] });
    const { trials, space, seed, direction, sampler } = this.#settings;
    const number = this.#trials.length;
    if (number >= trials) return undefined;
    const values = sampler.suggest({ space, number, seed, direction, trials: this.#trials });
    return this.#keep({ number, values, state: 'running', startedMs: Date.now(), reports: [] });
  }

  #keep(trial: TrialRecord): TrialRecord {
    this.#trials[trial.number] = trial;
    return trial;
  }

  async #runTrial(started: TrialRecord): Promise<void> {
    const { storage, onTrial } = this.#settings;
    await storage.startTrial(started);
    if (this.#stopped) return;
    const run = new TrialRun(started, this.#settings, this.#trials);
    this.#running.add(run);
    const outcome = await run.finish();
    this.#running.delete(run);
    if (!outcome) return;
    await storage.endTrial(started.number, outcome);
    const ended = this.#keep({ ...started, ...outcome, reports: run.reports });
    onTrial?.(ended);
    this.#count(outcome, run.thrown);
  }

  #count({ state, error }: TrialOutcome, cause: unknown): void {
    this.#failuresInARow = state === 'failed' ? this.#failuresInARow + 1 : 0;
    const { mostFailures } = this.#settings;
    if (this.#failuresInARow < mostFailures) return;
    throw new StudyError(
      `runStudy: "run" expected a value, got ${mostFailures} failed trials in a row, the last: ${error}. Mend the cause; another run goes on.`,
      { cause },
    );
  }
}
