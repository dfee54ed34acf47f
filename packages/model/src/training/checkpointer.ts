import {
  anything,
  callback,
  checkOptions,
  integer,
  type OptionChecks,
  positive,
  required,
} from '@gru4rec/checks';
import { turns as turnsOf } from '@gru4rec/metrics';
import { platform } from '#platform';
import type { TrainingCursor, TrainingSnapshot } from './training-snapshot.ts';

/** When a run saves checkpoints, and how. */
export interface CheckpointOptions {
  /** Steps of the run or minutes between two checkpoints. With neither, only a stop by `signal` saves one. */
  readonly every: { readonly steps?: number; readonly minutes?: number };
  /** Called between two steps; training waits for it. The snapshot belongs to the callee. */
  readonly save: (snapshot: TrainingSnapshot) => Promise<void>;
}

const checks: OptionChecks<CheckpointOptions> = { every: required(anything), save: required(callback) };

/** The signal stopped training. With `checkpoint`, a snapshot of that moment was saved before. */
export class TrainingStopped extends Error {
  override readonly name = 'TrainingStopped';
  readonly epoch: number;
  /** Steps done in that epoch. */
  readonly step: number;

  constructor({ epoch }: TrainingCursor, reason: unknown) {
    super(`train: stopped in epoch ${epoch.epoch}, after step ${epoch.steps} of it`, { cause: reason });
    this.epoch = epoch.epoch;
    this.step = epoch.steps;
  }
}

export interface SavedRun {
  readonly cursor: TrainingCursor;
  snapshot(): TrainingSnapshot;
}

export class Checkpointer {
  readonly #run: SavedRun;
  readonly #options: CheckpointOptions | undefined;
  readonly #signal: AbortSignal | undefined;
  #savedSteps: number;
  #savedMs = performance.now();

  constructor(run: SavedRun, options: CheckpointOptions | undefined, signal?: AbortSignal) {
    if (options) {
      checkOptions('train: checkpoint', options, checks);
      checkOptions('train: checkpoint: every', options.every, { steps: integer(1), minutes: positive });
    }
    this.#run = run;
    this.#options = options;
    this.#signal = signal;
    this.#savedSteps = run.cursor.steps;
  }

  beforeStep(): Promise<void> | undefined {
    return this.#due(this.#run.cursor.steps) ? this.#save() : this.stop();
  }

  stop(): Promise<void> | undefined {
    return this.#signal?.aborted ? this.#save() : undefined;
  }

  #due(steps: number): boolean {
    if (!this.#options || steps === this.#savedSteps) return false;
    const { every } = this.#options;
    if (every.steps !== undefined && steps % every.steps === 0) return true;
    return every.minutes !== undefined && performance.now() - this.#savedMs >= every.minutes * 60_000;
  }

  async #save(): Promise<void> {
    const { cursor } = this.#run;
    await this.#options?.save(this.#run.snapshot());
    this.#savedSteps = cursor.steps;
    this.#savedMs = performance.now();
    if (this.#signal?.aborted) throw new TrainingStopped(cursor, this.#signal.reason);
  }
}

const TURN_MS = 100;

/** Lets the event loop turn every tenth of a second, after a call of `before`; undefined in between. */
export const turns = (): ReturnType<typeof turnsOf> => turnsOf(TURN_MS, () => platform.turn());
