import type { StartedTrial, StudyRecord, StudyStorage } from '../src/storage/storage.ts';
import type { Report, TrialOutcome, TrialRecord } from '../src/trial.ts';

/** State that the coordinators of a study share: the owner of each trial, undefined once it is abandoned. */
export class SharedMemory {
  study: StudyRecord | undefined;
  readonly trials: TrialRecord[] = [];
  readonly owners = new Map<number, MemoryStorage | undefined>();
}

/**
 * One coordinator's storage of a study in memory, for tests of what uses a storage and as the oracle of the real
 * storages. A trial is abandoned when its coordinator no longer runs it, or when a test says so.
 */
export class MemoryStorage implements StudyStorage {
  readonly place = 'memory';
  readonly renewMs = 10;
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory = new SharedMemory()) {
    this.#memory = memory;
  }

  async study(): Promise<StudyRecord | undefined> {
    return structuredClone(this.#memory.study);
  }

  async begin(study: StudyRecord): Promise<void> {
    this.#memory.study ??= structuredClone(study);
  }

  async trials(): Promise<TrialRecord[]> {
    return structuredClone(this.#memory.trials);
  }

  async addTrial(trial: StartedTrial): Promise<boolean> {
    if (this.#memory.trials[trial.number]) return false;
    this.#start(trial);
    return true;
  }

  async takeAbandoned(below: number, startedMs: number, own: readonly number[]): Promise<number | undefined> {
    const { trials, owners } = this.#memory;
    const isFree = (number: number) => (owners.get(number) ?? this) === this && !own.includes(number);
    const found = trials.find(({ number, state }) => state === 'running' && number < below && isFree(number));
    if (found) this.#start({ ...found, startedMs });
    return found?.number;
  }

  #start({ number, values, startedMs }: StartedTrial): void {
    this.#memory.owners.set(number, this);
    this.#memory.trials[number] = { number, values, state: 'running', startedMs, reports: [] };
  }

  async renew(number: number): Promise<boolean> {
    return this.#memory.owners.get(number) === this;
  }

  async addReport(number: number, report: Report): Promise<void> {
    if (await this.renew(number)) this.#change(number, ({ reports }) => ({ reports: [...reports, report] }));
  }

  async endTrial(number: number, outcome: TrialOutcome): Promise<boolean> {
    if (!(await this.renew(number))) return false;
    this.#change(number, () => outcome);
    return true;
  }

  #change(number: number, change: (trial: TrialRecord) => Partial<TrialRecord>): void {
    const trial = this.#memory.trials[number];
    this.#memory.trials[number] = { ...trial, ...change(trial) };
  }

  async close(): Promise<void> {}
}
