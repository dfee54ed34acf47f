import type { SharedStorage, StartedTrial } from '../src/storage/storage.ts';
import type { Report, TrialOutcome } from '../src/trial.ts';
import { MemoryStorage } from './memory-storage.ts';

/** State that the coordinators of a study share: the owner of each trial, undefined once it is abandoned. */
export class SharedMemory {
  readonly tables: MemoryStorage = new MemoryStorage();
  readonly owners = new Map<number, SharedMemoryStorage | undefined>();
}

/** One coordinator's storage of a study in memory. Leases expire when a test says so. */
export class SharedMemoryStorage implements SharedStorage {
  readonly place = 'memory';
  readonly renewMs = 10;
  readonly #memory: SharedMemory;
  readonly study: SharedStorage['study'];
  readonly begin: SharedStorage['begin'];
  readonly trials: SharedStorage['trials'];

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    const { tables } = memory;
    this.study = () => tables.study();
    this.begin = (study) => tables.begin(study);
    this.trials = () => tables.trials();
  }

  async addTrial(trial: StartedTrial): Promise<boolean> {
    if (this.#memory.owners.has(trial.number)) return false;
    this.#memory.owners.set(trial.number, this);
    await this.#memory.tables.startTrial(trial);
    return true;
  }

  async takeAbandoned(below: number, startedMs: number): Promise<number | undefined> {
    for (const { number, state, values } of await this.trials()) {
      if (state !== 'running' || number >= below || this.#memory.owners.get(number)) continue;
      this.#memory.owners.set(number, this);
      await this.#memory.tables.startTrial({ number, values, startedMs });
      return number;
    }
    return undefined;
  }

  async renew(number: number): Promise<boolean> {
    return this.#memory.owners.get(number) === this;
  }

  async addReport(number: number, report: Report): Promise<void> {
    if (await this.renew(number)) await this.#memory.tables.addReport(number, report);
  }

  async endTrial(number: number, outcome: TrialOutcome): Promise<boolean> {
    if (!(await this.renew(number))) return false;
    await this.#memory.tables.endTrial(number, outcome);
    return true;
  }

  async close(): Promise<void> {}
}
