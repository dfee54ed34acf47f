import type { Direction, TrialRecord } from './trial.ts';

/**
 * Ranks trials from best to worst: complete ones by value, then pruned ones by their last step and its value. Equal
 * trials are ordered by number.
 *
 * @returns a new array, without failed and running trials.
 */
export function rankTrials(trials: readonly TrialRecord[], direction: Direction): TrialRecord[] {
  const sign = direction === 'maximize' ? -1 : 1;
  const complete = inOrder(trials.filter(({ state }) => state === 'complete'));
  complete.sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)));
  const pruned = inOrder(trials.filter(({ state }) => state === 'pruned'));
  pruned.sort((a, b) => {
    const [last, other] = [a.reports.at(-1), b.reports.at(-1)];
    const later = (other?.step ?? -1) - (last?.step ?? -1);
    return later || sign * ((last?.value ?? 0) - (other?.value ?? 0));
  });
  return [...complete, ...pruned];
}

/** @returns the trials in order of number, in a new array. */
export function inOrder(trials: readonly TrialRecord[]): TrialRecord[] {
  return [...trials].sort((a, b) => a.number - b.number);
}
