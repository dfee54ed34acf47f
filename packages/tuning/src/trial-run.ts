import type { StudySettings } from './study-options.ts';
import type { Report, TrialOutcome, TrialRecord } from './trial.ts';

/** One attempt at a trial, from `run`'s call to its outcome. */
export class TrialRun {
  /** In order of step; of the last attempt alone. */
  readonly reports: Report[] = [];
  /** What `run` threw. */
  thrown: unknown;
  readonly #trial: TrialRecord;
  readonly #settings: StudySettings;
  readonly #trials: readonly TrialRecord[];
  readonly #controller = new AbortController();
  readonly #writes: Promise<void>[] = [];
  #pruned = false;
  #ended = false;

  /** @param trials - all of the study, as they change. */
  constructor(trial: TrialRecord, settings: StudySettings, trials: readonly TrialRecord[]) {
    this.#trial = trial;
    this.#settings = settings;
    this.#trials = trials;
  }

  /** Asks the trial to stop. */
  abort(): void {
    this.#controller.abort(this.#settings.signal?.reason);
  }

  /** @returns how the trial ended, once every report is kept; undefined if it was asked to stop before. */
  async finish(): Promise<TrialOutcome | undefined> {
    const outcome = await this.#outcome();
    const stopped = this.#controller.signal.aborted && outcome.state !== 'pruned';
    this.#ended = true;
    await Promise.all(this.#writes);
    return stopped ? undefined : { ...outcome, endedMs: Date.now() };
  }

  async #outcome(): Promise<Omit<TrialOutcome, 'endedMs'>> {
    const { number, values } = this.#trial;
    try {
      const value = await this.#settings.run({
        number,
        values,
        report: (step, reported) => this.#report(step, reported),
        signal: this.#controller.signal,
      });
      if (this.#pruned) return { state: 'pruned' };
      if (Number.isFinite(value)) return { state: 'complete', value };
      return { state: 'failed', error: `expected a finite value, got ${value}` };
    } catch (thrown) {
      if (this.#pruned) return { state: 'pruned' };
      this.thrown = thrown;
      return { state: 'failed', error: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }

  #report(step: number, value: number): boolean {
    const { storage, pruner, direction } = this.#settings;
    this.#check(step, value);
    const report = { step, value };
    this.reports.push(report);
    const write = storage.addReport(this.#trial.number, report);
    // Awaited at the trial's end: until then a failure is not unhandled.
    write.catch(() => {});
    this.#writes.push(write);
    this.#pruned ||= pruner?.prune({ direction, reports: this.reports, trials: this.#trials }) ?? false;
    return this.#pruned;
  }

  #check(step: number, value: number): void {
    if (this.#ended) throw new Error(`report: trial ${this.#trial.number} has ended.`);
    const last = this.reports.at(-1)?.step ?? -1;
    if (!Number.isSafeInteger(step) || step <= last) {
      throw new RangeError(`report: "step" expected integer > ${last}, got ${step}.`);
    }
    if (!Number.isFinite(value)) {
      throw new RangeError(`report: "value" expected a finite number, got ${value}.`);
    }
  }
}
