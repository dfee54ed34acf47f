import type { Gru4Rec } from '../gru4rec.ts';
import type { EpochRecord } from './epoch-record.ts';
import type { RunIdentity, TrainingCursor } from './training-snapshot.ts';
import { noZeroLoss } from './zero-loss.ts';

/** The counts before the first step of a run. @param epoch - its first, from 1. */
export function startOfRun(epoch: number): TrainingCursor {
  return { steps: 0, epoch: firstStep(epoch), zeroLoss: noZeroLoss() };
}

/** The counts before the first step of an epoch. */
export function firstStep(epoch: number): TrainingCursor['epoch'] {
  return { epoch, steps: 0, events: 0, lossSum: 0, seconds: 0 };
}

/** A copy of the counts of a run. */
export function cursorOf({
  steps,
  epoch,
  lastFiniteLoss,
  zeroLoss,
}: Readonly<TrainingCursor>): TrainingCursor {
  return { steps, epoch: { ...epoch }, lastFiniteLoss, zeroLoss: { ...zeroLoss } };
}

/** The record of an epoch that has ended. */
export function recordOf({ epoch, steps, events, lossSum, seconds }: TrainingCursor['epoch']): EpochRecord {
  // Infinity would be null in the JSON of a model.
  const per = seconds > 0 ? seconds : Number.POSITIVE_INFINITY;
  const rates = { stepsPerSecond: steps / per, eventsPerSecond: events / per };
  return { epoch, loss: lossSum / events, seconds, steps, events, ...rates };
}

/** Epochs and steps of the model that a run continues. */
export function earlierTraining(from: Gru4Rec | undefined): RunIdentity['before'] {
  const history = from?.history ?? [];
  return {
    epochs: history.at(-1)?.epoch ?? 0,
    steps: history.reduce((sum, { steps }) => sum + steps, 0),
  };
}
