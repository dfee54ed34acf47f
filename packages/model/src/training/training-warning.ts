import type { EpochRecord } from './epoch-record.ts';

/** A run whose loss is this many times the loss of all-zero scores or of its first epoch has diverged. */
const RISE = 1.1;

/** Training diverged: its numbers are finite, but the model is worse than an untrained one. Nothing of the run is kept. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';

  /** @param message - of a `TrainingWarning`. */
  constructor(message: string) {
    super(`train: ${message}.`);
  }
}

/** What is wrong with a finished run. */
export interface TrainingWarning {
  /** One sentence with advice. */
  readonly message: string;
  /** Whether the loss is so high that training diverged; otherwise the model only learnt nothing. */
  readonly diverged: boolean;
}

/** The results of a finished run. */
export interface TrainingEnd {
  /** The epochs of this run, in order. */
  readonly epochs: readonly EpochRecord[];
  /** Loss of a model that scores every item 0; undefined if no step was measured. */
  readonly zeroLoss: number | undefined;
  /**
   * Whether the first epoch learns a repeat bias. The loss of the first epoch has the bias, and the losses of later epochs
   * do not.
   */
  readonly learnsRepeats?: boolean;
  /** Whether a step draws more samples than there are items. */
  readonly drawsTargets?: boolean;
}

/**
 * Finds what is wrong with a run whose numbers are all finite: at the end (the epoch marked `kept`, or else the last one)
 * the loss is above the loss of all-zero scores, or above 1.1 times the loss of the first comparable epoch.
 *
 * @returns undefined if nothing is wrong.
 */
export function trainingWarning({
  epochs,
  zeroLoss,
  learnsRepeats = false,
  drawsTargets = false,
}: TrainingEnd): TrainingWarning | undefined {
  const end = epochs.find(({ kept }) => kept) ?? epochs.at(-1);
  const isSecond = learnsRepeats && end !== epochs[0];
  const first = isSecond ? epochs[1] : epochs[0];
  if (!first || !end) return undefined;
  const ended = `The loss ended at ${shown(end.loss)}`;
  const diverged = end.loss > RISE * Math.min(first.loss, zeroLoss ?? first.loss);
  const allItems =
    'nSample to "all", and logq and hardNegatives to 0: it draws more samples than there are items, so that targets are their own negatives';
  const lower = 'Lower learningRate or momentum';
  const advice = !drawsTargets ? lower : diverged ? `${lower}, or set ${allItems}` : `Set ${allItems}`;
  if (zeroLoss !== undefined && end.loss > zeroLoss) {
    const message = `${ended}, above ${shown(zeroLoss)}, the loss of a model that scores every item 0: the model has learnt nothing. ${advice}`;
    return { message, diverged };
  }
  if (!diverged) return undefined;
  const message = `${ended}, more than ${RISE} times ${shown(first.loss)}, the loss of its ${isSecond ? 'second' : 'first'} epoch: training diverges. ${advice}`;
  return { message, diverged };
}

function shown(loss: number): string {
  return String(Number(loss.toPrecision(4)));
}
