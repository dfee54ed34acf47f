import { StudyError } from './study-error.ts';
import type { StudySettings } from './study-options.ts';
import type { TrialOutcome, TrialRecord } from './trial.ts';
import { TrialRun } from './trial-run.ts';
import type { TrialSource } from './trial-source.ts';

/** One coordinator's run of a study: `parallel` workers, each of which takes the next trial until none is left. */
export class StudyRun {
  readonly #settings: StudySettings;
  readonly #source: TrialSource;
  readonly #running = new Set<TrialRun>();
  readonly #stopping = new AbortController();
  #failuresInARow = 0;
  #error: { readonly thrown: unknown } | undefined;

  constructor(settings: StudySettings, source: TrialSource) {
    this.#settings = settings;
    this.#source = source;
  }

  /** Runs trials until none is left or the study stops. @returns all trials, once none is running here. */
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
    await this.#source.refresh?.();
    return this.#source.trials;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #stop(): void {
    this.#stopping.abort();
    for (const trial of this.#running) trial.abort();
  }

  #fail(thrown: unknown): void {
    this.#error ??= { thrown };
    this.#stop();
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopped) {
        const trial = await this.#source.next(this.#stopping.signal);
        if (!trial) return;
        await this.#runTrial(trial);
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  async #runTrial(started: TrialRecord): Promise<void> {
    if (this.#stopped) return;
    const run = new TrialRun(started, this.#settings, this.#source);
    this.#running.add(run);
    const finished = new AbortController();
    const held = this.#source.hold?.(started.number, finished.signal).then(
      (lost) => lost && run.lose(),
      (thrown: unknown) => this.#fail(thrown),
    );
    try {
      await this.#end(run, started);
    } finally {
      this.#running.delete(run);
      finished.abort();
      await held;
    }
  }

  async #end(run: TrialRun, started: TrialRecord): Promise<void> {
    const outcome = await run.finish();
    if (!outcome) return;
    const ended: TrialRecord = { ...started, ...outcome, reports: run.reports };
    if (!(await this.#source.end(ended))) return;
    this.#settings.onTrial?.(ended, this.#source.trials);
    this.#count(outcome, run.thrown);
  }

  #count({ state, error }: TrialOutcome, cause: unknown): void {
    this.#failuresInARow = state === 'failed' ? this.#failuresInARow + 1 : 0;
    const { mostFailures } = this.#settings;
    if (this.#failuresInARow < mostFailures) return;
    throw new StudyError(
      `runStudy: "run" expected a value, got ${mostFailures} failed trials in a row, the last: ${error}. Fix the cause and run the study again to continue it.`,
      { cause },
    );
  }
}
