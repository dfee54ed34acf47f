import type { BatcherPosition } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/dataset/ids';
import type { ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import type { SnapshotTensor } from '../storage/tensors.ts';
import type { ZeroLossSums } from './divergence.ts';
import type { EpochRecord } from './epoch-record.ts';
import type { StoppingState } from './validation.ts';
import type { AverageState } from './variables.ts';

export interface TrainingCursor {
  /** Steps of this run, over all its epochs. */
  steps: number;
  /** Undefined before the first step. */
  lastFiniteLoss?: number | undefined;
  /** The loss of all-zero scores so far, which the loss at the end is compared with. */
  readonly zeroLoss: ZeroLossSums;
  readonly epoch: {
    /** From 1, the epochs before this run included. */
    epoch: number;
    steps: number;
    events: number;
    lossSum: number;
    seconds: number;
  };
}

/** What a run's bits depend on besides data and configuration, such as the engine's number of threads. */
export type EngineFacts = Readonly<Record<string, string | number | boolean>>;

/** What two runs must share so that one can resume the other. */
export interface RunIdentity {
  readonly config: ModelConfig;
  readonly itemIds: ItemIds;
  /** `dataChecksum` of the data that the run trains and validates on. */
  readonly data: string;
  /** The engine's name, and the caller's `engineFacts`. */
  readonly engine: EngineFacts;
  /** Epochs and steps of the model that the run continues; 0 for a new model. */
  readonly before: { readonly epochs: number; readonly steps: number };
}

/** Everything that the rest of a run depends on. Random streams are functions of seed, epoch and step. */
export interface TrainingSnapshot extends RunIdentity, Readonly<TrainingCursor> {
  /** Finished epochs, including the epochs before this run. */
  readonly history: readonly EpochRecord[];
  readonly batcher: BatcherPosition;
  /** Only with `patience`. */
  readonly stopping?: StoppingState | undefined;
  /** Only with `averageDecay`, after the first epoch. */
  readonly average?: AverageState | undefined;
  /** Parameters, tables, optimiser slots and hidden states. */
  readonly tensors: readonly SnapshotTensor[];
}

export function startOfRun(epoch: number): TrainingCursor {
  return { steps: 0, epoch: firstStep(epoch), zeroLoss: { steps: 0, events: 0, lossSum: 0 } };
}

export function firstStep(epoch: number): TrainingCursor['epoch'] {
  return { epoch, steps: 0, events: 0, lossSum: 0, seconds: 0 };
}

export function cursorOf({
  steps,
  epoch,
  lastFiniteLoss,
  zeroLoss,
}: Readonly<TrainingCursor>): TrainingCursor {
  return { steps, epoch: { ...epoch }, lastFiniteLoss, zeroLoss: { ...zeroLoss } };
}

export function recordOf({ epoch, steps, events, lossSum, seconds }: TrainingCursor['epoch']): EpochRecord {
  // Infinity would be null in the JSON of a model.
  const per = seconds > 0 ? seconds : Number.POSITIVE_INFINITY;
  const rates = { stepsPerSecond: steps / per, eventsPerSecond: events / per };
  return { epoch, loss: lossSum / events, seconds, steps, events, ...rates };
}

export function earlierTraining(from: Gru4Rec | undefined): RunIdentity['before'] {
  const history = from?.history ?? [];
  return {
    epochs: history.at(-1)?.epoch ?? 0,
    steps: history.reduce((sum, { steps }) => sum + steps, 0),
  };
}

/** Checks that a snapshot was taken of this run, maybe on another engine. Another run would end with other parameters. */
export function checkResumed(snapshot: TrainingSnapshot, run: RunIdentity): void {
  const [had, got] = [snapshot.config, run.config].map((config) => new Map(Object.entries(config)));
  for (const key of new Set([...(had?.keys() ?? []), ...(got?.keys() ?? [])])) {
    const [before, now] = [had, got].map((values) => JSON.stringify(values?.get(key)) ?? 'none');
    if (before === now) continue;
    throw new RangeError(
      `train: "resume" expected ${key} ${before} as in the interrupted run, got ${now}. ` +
        'Resume with the same arguments, or train from the start.',
    );
  }
  if (snapshot.data !== run.data) {
    const [had, got] = [snapshot.data.slice(0, 12), run.data.slice(0, 12)];
    throw new RangeError(
      `train: "resume" expected the data of the interrupted run (checksum ${had}…), got other data (${got}…). ` +
        'Resume on its dataset, with the release that started it, or train from the start.',
    );
  }
  const { epochs, steps } = snapshot.before;
  if (epochs === run.before.epochs && steps === run.before.steps) return;
  throw new RangeError(
    `train: "from" expected a model of ${epochs} epochs and ${steps} steps as in the interrupted run, ` +
      `got one of ${run.before.epochs} and ${run.before.steps}. Continue the same model, or train from the start.`,
  );
}
