import type { EpochRecord } from './epoch-record.ts';

/** A loss this many times that of the run's first epoch has not come from learning. */
const RISE = 1.1;

/** What a finished run is judged by. */
export interface TrainingEnd {
  /** Of this run, the first epoch first. */
  readonly epochs: readonly EpochRecord[];
  /** Of a model that scores every item 0; undefined if no step was looked at. */
  readonly zeroLoss: number | undefined;
}

/**
 * What is wrong with a run whose numbers are all finite: its model, which is that of the epoch marked `kept` or of the
 * last, has a loss above that of all-zero scores, or of more than 1.1 times that of the first epoch.
 *
 * @returns a sentence with what to do; undefined if nothing is wrong.
 */
export function trainingWarning({ epochs, zeroLoss }: TrainingEnd): string | undefined {
  const [first] = epochs;
  const end = epochs.find(({ kept }) => kept) ?? epochs.at(-1);
  if (!first || !end) return undefined;
  const ended = `The loss ended at ${shown(end.loss)}`;
  const advice = 'Lower learningRate or momentum';
  if (zeroLoss !== undefined && end.loss > zeroLoss) {
    return `${ended}, above ${shown(zeroLoss)}, the loss of a model that scores every item 0: the model has learnt nothing. ${advice}`;
  }
  if (end.loss <= RISE * first.loss) return undefined;
  return `${ended}, more than ${RISE} times ${shown(first.loss)}, the loss of its first epoch: training diverges. ${advice}`;
}

function shown(loss: number): string {
  return String(Number(loss.toPrecision(4)));
}
