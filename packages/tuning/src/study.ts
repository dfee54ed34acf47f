import { setTimeout } from 'node:timers/promises';
import type { Seed } from '@gru4rec/random';
import type { Pruner } from './pruner.ts';
import { createTpeSampler, type Sampler } from './samplers/tpe.ts';
import type { JsonObject, Space, Values } from './space.ts';
import { checkSameStudy, StudyError, type StudyRecord, type StudyStorage } from './storage/storage.ts';
import type { Direction, Report, TrialOutcome, TrialRecord } from './trial.ts';

/** A trial to run. */
export interface RunningTrial {
  /** From 0. */
  readonly number: number;
  /** One value per parameter of the space. */
  readonly values: Values;
  /**
   * Reports an intermediate, finite value to the pruner, before the trial ends. Steps are integers ≥ 0 that increase.
   * @returns true if the trial is pruned. It should then stop; its result is ignored.
   */
  readonly report: (step: number, value: number) => boolean;
  /**
   * Aborted when the result will be ignored: because the study stops and will run the trial again, another coordinator has taken
   * it, or results of other coordinators prune it.
   */
  readonly signal: AbortSignal;
}

/** A search. */
export interface StudyOptions {
  /** Not closed by the study. */
  readonly storage: StudyStorage;
  readonly space: Space;
  /** Default: TPE. */
  readonly sampler?: Sampler | undefined;
  /** Default: none. */
  readonly pruner?: Pruner | undefined;
  /** With those of earlier runs and of other coordinators. */
  readonly trials: number;
  /** Trials at the same time in this process. Default: 1. */
  readonly parallel?: number | undefined;
  readonly seed: Seed;
  readonly direction: Direction;
  /** What else the trials depend on, such as the dataset's checksum. Default: nothing. */
  readonly fingerprint?: JsonObject | undefined;
  /** Ends the study once `run` has returned for the running trials, which a later run starts again. */
  readonly signal?: AbortSignal | undefined;
  /** Runs one trial, which fails if this throws. @returns the trial's value, finite. */
  readonly run: (trial: RunningTrial) => number | Promise<number>;
  /** Called when the end of a trial of this process is stored, with all known trials of the study. */
  readonly onTrial?: ((trial: TrialRecord, trials: readonly TrialRecord[]) => void) | undefined;
  /** Called when no trial is left to start here, with the numbers of those that other coordinators run. */
  readonly onWait?: ((numbers: readonly number[]) => void) | undefined;
}

/** The trials of a study after a run. */
export interface StudyResult {
  /** Of all coordinators, in order of number. */
  readonly trials: readonly TrialRecord[];
  /** Whether all have ended. False after an abort. */
  readonly complete: boolean;
}

/**
 * Starts or continues a study, and runs it until `trials` trials have ended.
 *
 * Trials of a run that stopped or was killed run again first, with the same values; with `parallel` 1, no trial depends on
 * where the study was interrupted. A trial that throws or returns no finite value has failed. On an abort, trials stay
 * `running` whatever `run` returns. Several coordinators may share a database: if one dies, another runs its trials again.
 * @returns the trials, once none is running here. The storage stays open.
 * @throws StudyError if the stored study has another space, direction, sampler, pruner, seed or fingerprint, or after
 *   five failed trials in a row, with the last error as cause.
 * @throws what the storage, the sampler or `onTrial` throws, once the running trials have ended.
 */
export async function runStudy(options: StudyOptions): Promise<StudyResult> {
  const { storage, space, direction, pruner, seed, sampler = createTpeSampler(), fingerprint = {} } = options;
  const study: StudyRecord = {
    space,
    direction,
    sampler: sampler.settings,
    pruner: pruner?.settings ?? null,
    seed: String(seed),
    fingerprint,
  };
  if (!(await storage.study())) await storage.begin(study);
  checkSameStudy((await storage.study()) ?? study, study, storage.place);
  const trials = await new StudyRun({ ...options, sampler }).finish();
  const ended = trials.slice(0, options.trials).filter(({ state }) => state !== 'running');
  return { trials, complete: ended.length === options.trials };
}

type StudySettings = StudyOptions & { readonly sampler: Sampler };

/** Times that an idle coordinator looks for an abandoned trial per interval between two renewals of a lease. */
const LOOKS = 15;
/** Failed trials in a row that end a study. */
const MOST_FAILURES = 5;

class StudyRun {
  readonly trials: TrialRecord[] = [];
  readonly #settings: StudySettings;
  readonly #running = new Map<number, TrialRun>();
  readonly #stopping = new AbortController();
  #taking: Promise<unknown> = Promise.resolve();
  #reading: Promise<void> | undefined;
  /** What `onWait` was last called with. */
  #awaited = '';
  #failuresInARow = 0;
  #error: { readonly thrown: unknown } | undefined;

  constructor(settings: StudySettings) {
    this.#settings = settings;
  }

  async finish(): Promise<readonly TrialRecord[]> {
    const { signal, parallel = 1 } = this.#settings;
    await this.refresh();
    const stop = () => this.#stop();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await Promise.all(Array.from({ length: parallel }, () => this.#work()));
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    if (this.#error) throw this.#error.thrown;
    await this.refresh();
    return this.trials;
  }

  /** Concurrent calls share one read of what all coordinators have done. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const trials = await this.#settings.storage.trials();
    // Measured after the read, during which another read may have added trials.
    this.trials.splice(0, this.trials.length, ...trials);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #stop(): void {
    this.#stopping.abort();
    for (const run of this.#running.values()) run.abort();
  }

  #fail(thrown: unknown): void {
    this.#error ??= { thrown };
    this.#stop();
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopped) {
        const run = await this.#next();
        if (!run) return;
        await this.#run(run);
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Workers take trials one after another. */
  #next(): Promise<TrialRun | undefined> {
    const taken = this.#taking.then(() => this.#take());
    this.#taking = taken.catch(() => {});
    return taken;
  }

  async #take(): Promise<TrialRun | undefined> {
    const { storage, trials: limit } = this.#settings;
    do {
      const number = await storage.takeAbandoned(limit, Date.now(), [...this.#running.keys()]);
      await this.#read();
      const abandoned = number === undefined ? undefined : this.trials[number];
      if (abandoned) return this.#start(abandoned);
      if (this.trials.length < limit) {
        const trial = this.#suggest();
        if (await storage.addTrial(trial)) return this.#start(trial);
        continue;
      }
      if (!this.#mustWait()) return undefined;
    } while (await pause(storage.renewMs / LOOKS, this.#stopping.signal));
    return undefined;
  }

  #suggest(): TrialRecord {
    const { space, seed, direction, sampler } = this.#settings;
    const number = this.trials.length;
    const values = sampler.suggest({ space, number, seed, direction, trials: this.trials });
    return { number, values, state: 'running', startedMs: Date.now(), reports: [] };
  }

  #start(trial: TrialRecord): TrialRun {
    const run = new TrialRun(trial, this.#settings, this);
    this.trials[trial.number] = trial;
    this.#running.set(trial.number, run);
    return run;
  }

  #mustWait(): boolean {
    const { trials: limit, onWait } = this.#settings;
    const others = this.trials
      .slice(0, limit)
      .filter(({ number, state }) => state === 'running' && !this.#running.has(number))
      .map(({ number }) => number);
    const awaited = others.join();
    if (awaited !== this.#awaited && awaited !== '') onWait?.(others);
    this.#awaited = awaited;
    return others.length > 0;
  }

  async #run(run: TrialRun): Promise<void> {
    const finished = new AbortController();
    const held = this.#hold(run, finished.signal).catch((thrown: unknown) => this.#fail(thrown));
    try {
      if (!this.#stopped) await this.#end(run);
    } finally {
      this.#running.delete(run.trial.number);
      finished.abort();
      await held;
    }
  }

  /** Keeps others from taking a trial until it has ended. */
  async #hold(run: TrialRun, until: AbortSignal): Promise<void> {
    const { storage } = this.#settings;
    while (await pause(storage.renewMs, until)) {
      if (!(await storage.renew(run.trial.number))) return run.lose();
    }
  }

  async #end(run: TrialRun): Promise<void> {
    const { storage, onTrial } = this.#settings;
    const outcome = await run.finish();
    if (!outcome) return;
    const { number } = run.trial;
    const ended: TrialRecord = { ...run.trial, ...outcome, reports: run.reports };
    if (!(await storage.endTrial(number, outcome))) return;
    this.trials[number] = ended;
    onTrial?.(ended, this.trials);
    this.#count(outcome, run.thrown);
  }

  #count({ state, error }: TrialOutcome, cause: unknown): void {
    this.#failuresInARow = state === 'failed' ? this.#failuresInARow + 1 : 0;
    if (this.#failuresInARow < MOST_FAILURES) return;
    throw new StudyError(
      `runStudy: "run" expected a value, got ${MOST_FAILURES} failed trials in a row, the last: ${error}. Fix the cause and run the study again to continue it.`,
      { cause },
    );
  }
}

/** @returns true after the pause, false if it is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return setTimeout(milliseconds, true, { signal }).catch(() => false);
}

/** One attempt at a trial, from the call of `run` to its outcome. */
class TrialRun {
  readonly trial: TrialRecord;
  readonly reports: Report[] = [];
  thrown: unknown;
  readonly #settings: StudySettings;
  readonly #study: Pick<StudyRun, 'trials' | 'refresh'>;
  readonly #controller = new AbortController();
  readonly #writes: Promise<void>[] = [];
  #stopped = false;
  #pruned = false;
  #lost = false;
  #ended = false;

  constructor(trial: TrialRecord, settings: StudySettings, study: Pick<StudyRun, 'trials' | 'refresh'>) {
    this.trial = trial;
    this.#settings = settings;
    this.#study = study;
  }

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
    const { number, values } = this.trial;
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

  /** Stores a report, and then prunes the trial if new results of other coordinators say so. */
  async #store(report: Report): Promise<void> {
    await this.#settings.storage.addReport(this.trial.number, report);
    await this.#study.refresh();
    if (this.#ended || this.#pruned || !this.#isHopeless()) return;
    this.#pruned = true;
    this.#controller.abort();
  }

  #isHopeless(): boolean {
    const { pruner, direction } = this.#settings;
    return pruner?.prune({ direction, reports: this.reports, trials: this.#study.trials }) ?? false;
  }
}
