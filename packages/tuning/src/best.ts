import { checkValues } from './check-values.ts';
import { rankTrials } from './rank-trials.ts';
import type { StudyTables } from './storage/storage.ts';
import type { Direction, TrialRecord } from './trial.ts';

/**
 * Reads the best trial of a study.
 *
 * @returns the complete trial with the best value, the first of equal ones; undefined if no trial is complete.
 * @throws StudyError if another program changed the study.
 */
export async function best(storage: StudyTables): Promise<TrialRecord | undefined> {
  const study = await storage.study();
  if (!study) return undefined;
  const trials = await storage.trials();
  checkValues(trials, study.space, storage.place);
  return bestOf(trials, study.direction);
}

/** @returns the complete trial with the best value, the first of equal ones; undefined if no trial is complete. */
export function bestOf(trials: readonly TrialRecord[], direction: Direction): TrialRecord | undefined {
  return rankTrials(
    trials.filter(({ state }) => state === 'complete'),
    direction,
  )[0];
}
