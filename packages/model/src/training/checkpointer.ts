import {
  anything,
  callback,
  checkOptions,
  integer,
  type OptionChecks,
  positive,
  required,
} from '@gru4rec/checked-options';
import type { TrainingCursor, TrainingSnapshot } from './training-snapshot.ts';

/** When a run saves checkpoints, and how. */
export interface CheckpointOptions {
  /**
   * Distance between two checkpoints, in steps of the run or in minutes. With neither, only a stop by `signal` saves
   * one.
   */
  readonly every: { readonly steps?: number; readonly minutes?: number };
  /** Called between two steps; training waits for it. The snapshot belongs to the callee. */
  readonly save: (snapshot: TrainingSnapshot) => Promise<void>;
}

const checks: OptionChecks<CheckpointOptions> = { every: required(anything), save: required(callback) };

/** The signal stopped training. With `checkpoint`, a snapshot of that moment was saved before. */
export class TrainingStopped extends Error {
  override readonly name = 'TrainingStopped';
  /** From 1. */
  readonly epoch: number;
  /** Steps done in that epoch. */
  readonly step: number;

  constructor({ epoch }: TrainingCursor, reason: unknown) {
    super(`train: stopped in epoch ${epoch.epoch}, after step ${epoch.steps} of it`, { cause: reason });
    this.epoch = epoch.epoch;
    this.step = epoch.steps;
  }
}

/** Decides when a run saves a checkpoint. */
export class Checkpointer {
  readonly #options: CheckpointOptions;
  #savedSteps: number;
  #savedMs = performance.now();

  /**
   * @param steps - steps of the run that a checkpoint already covers; 0 in a new run.
   * @throws RangeError if the distance between checkpoints is not positive, or its steps are not integers.
   */
  constructor(options: CheckpointOptions, steps: number) {
    checkOptions('train: checkpoint', options, checks);
    checkOptions('train: checkpoint: every', options.every, { steps: integer(1), minutes: positive });
    this.#options = options;
    this.#savedSteps = steps;
  }

  /** Whether to save before the next step, after `steps` steps of the run. */
  due(steps: number): boolean {
    const { every } = this.#options;
    if (steps === this.#savedSteps) return false;
    if (every.steps !== undefined && steps % every.steps === 0) return true;
    return every.minutes !== undefined && performance.now() - this.#savedMs >= every.minutes * 60_000;
  }

  async save(snapshot: TrainingSnapshot): Promise<void> {
    await this.#options.save(snapshot);
    this.#savedSteps = snapshot.steps;
    this.#savedMs = performance.now();
  }
}
