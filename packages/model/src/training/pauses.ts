import type { TrainingCursor, TrainingSnapshot } from './training-snapshot.ts';

/** How training is kept from being lost. */
export interface CheckpointOptions {
  /** So many steps, or minutes, lie between two snapshots; neither: one when training is stopped, and no other. */
  readonly every: { readonly steps?: number; readonly minutes?: number };
  /** Called between two steps; training goes on when it is done. The snapshot is the callee's to keep. */
  readonly save: (snapshot: TrainingSnapshot) => Promise<void>;
}

/** The signal stopped training. If there is a `checkpoint`, a snapshot of that moment was saved. */
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

/** What makes training pause, and how a snapshot is taken then. */
export interface PauseOptions {
  readonly checkpoint: CheckpointOptions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly snapshot: (cursor: TrainingCursor) => TrainingSnapshot;
  /** Steps of the run that are in a snapshot already; 0 in a new run. */
  readonly steps: number;
}

/** Pauses between two steps: to save a snapshot, or for good. */
export class Pauses {
  private readonly options: PauseOptions;
  private savedSteps: number;
  private savedMs = performance.now();

  /** @throws RangeError if the distance between snapshots is wrong. */
  constructor(options: PauseOptions) {
    const { steps, minutes } = options.checkpoint?.every ?? {};
    if (steps !== undefined && !(Number.isInteger(steps) && steps >= 1)) {
      throw new RangeError(`train: "checkpoint.every.steps" expected an integer ≥ 1, got ${steps}.`);
    }
    if (minutes !== undefined && !(minutes > 0)) {
      throw new RangeError(`train: "checkpoint.every.minutes" expected a number > 0, got ${minutes}.`);
    }
    this.options = options;
    this.savedSteps = options.steps;
  }

  /** Whether the signal asks to stop. */
  get stopped(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** Whether to pause before the next step, when so many are done. */
  due(steps: number): boolean {
    const { checkpoint } = this.options;
    if (this.stopped) return true;
    if (!checkpoint || steps === this.savedSteps) return false;
    const { every } = checkpoint;
    if (every.steps !== undefined && steps % every.steps === 0) return true;
    return every.minutes !== undefined && performance.now() - this.savedMs >= every.minutes * 60_000;
  }

  /**
   * Saves a snapshot where there is a `checkpoint`.
   * @throws TrainingStopped if the signal says so.
   */
  async pause(cursor: TrainingCursor): Promise<void> {
    const { checkpoint, signal, snapshot } = this.options;
    await checkpoint?.save(snapshot(cursor));
    this.savedSteps = cursor.steps;
    this.savedMs = performance.now();
    if (signal?.aborted) throw new TrainingStopped(cursor, signal.reason);
  }
}
