import type { StartedTrial, StudyRecord, StudyStorage } from '../src/storage/storage.ts';
import type { Report, TrialOutcome, TrialRecord } from '../src/trial.ts';

/** A study in memory, for tests of what uses a storage and as the oracle of the real storages. */
export class MemoryStorage implements StudyStorage {
  readonly place = 'memory';
  readonly #trials: TrialRecord[] = [];
  #study: StudyRecord | undefined;

  async study(): Promise<StudyRecord | undefined> {
    return structuredClone(this.#study);
  }

  async begin(study: StudyRecord): Promise<void> {
    this.#study = structuredClone(study);
  }

  async trials(): Promise<TrialRecord[]> {
    return structuredClone(this.#trials);
  }

  async startTrial({ number, values, startedMs }: StartedTrial): Promise<void> {
    this.#trials[number] = { number, values, state: 'running', startedMs, reports: [] };
  }

  async addReport(number: number, report: Report): Promise<void> {
    const trial = this.#trials[number];
    this.#trials[number] = { ...trial, reports: [...trial.reports, report] };
  }

  async endTrial(number: number, outcome: TrialOutcome): Promise<void> {
    this.#trials[number] = { ...this.#trials[number], ...outcome };
  }

  async close(): Promise<void> {}
}
