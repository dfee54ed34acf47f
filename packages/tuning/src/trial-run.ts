import type { StudySettings } from './study-options.ts';
import type { Report, TrialOutcome, TrialRecord } from './trial.ts';
import type { TrialSource } from './trial-source.ts';

/** One attempt at a trial, from the call of `run` to its outcome. */
export class TrialRun {
  /** Reports of this attempt, in order of step. */
  readonly reports: Report[] = [];
  /** What `run` threw, if the trial failed. */
  thrown: unknown;
  readonly #trial: TrialRecord;
  readonly #settings: StudySettings;
  readonly #source: TrialSource;
  readonly #controller = new AbortController();
  readonly #writes: Promise<void>[] = [];
  #stopped = false;
  #pruned = false;
  #lost = false;
  #ended = false;

  constructor(trial: TrialRecord, settings: StudySettings, source: TrialSource) {
    this.#trial = trial;
    this.#settings = settings;
    this.#source = source;
  }

  /** Asks the trial to stop because the study stops. */
  abort(): void {
    this.#stopped = true;
    this.#controller.abort(this.#settings.signal?.reason);
  }

  /** Drops this attempt because another coordinator has taken the trial. */
  lose(): void {
    this.#lost = true;
    this.#controller.abort();
  }

  /** @returns how the trial ended, once every report is stored; undefined if it was lost, or stopped before its end. */
  async finish(): Promise<TrialOutcome | undefined> {
    const outcome = await this.#outcome();
    const stopped = this.#stopped && outcome.state !== 'pruned';
    this.#ended = true;
    await Promise.all(this.#writes);
    return stopped || this.#lost ? undefined : { ...outcome, endedMs: Date.now() };
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
    this.#check(step, value);
    if (this.#lost) return true;
    const report = { step, value };
    this.reports.push(report);
    const write = this.#store(report);
    // `finish` awaits the write. Until then, a failure must not count as an unhandled rejection.
    write.catch(() => {});
    this.#writes.push(write);
    this.#pruned ||= this.#isHopeless();
    return this.#pruned;
  }

  /** Stores a report. In a shared study, it then prunes the trial if new results of other coordinators say so. */
  async #store(report: Report): Promise<void> {
    await this.#settings.storage.addReport(this.#trial.number, report);
    if (!this.#source.refresh) return;
    await this.#source.refresh();
    if (this.#ended || this.#pruned || !this.#isHopeless()) return;
    this.#pruned = true;
    this.#controller.abort();
  }

  #isHopeless(): boolean {
    const { pruner, direction } = this.#settings;
    return pruner?.prune({ direction, reports: this.reports, trials: this.#source.trials }) ?? false;
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
