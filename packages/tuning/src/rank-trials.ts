import type { Direction, TrialRecord } from './trial.ts';

/**
 * @returns complete trials by value, then pruned ones by last step and its value, equal ones by number; best first
 *   (fresh).
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

/** @returns the trials by number (fresh). */
export function inOrder(trials: readonly TrialRecord[]): TrialRecord[] {
  return [...trials].sort((a, b) => a.number - b.number);
}
