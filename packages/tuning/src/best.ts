import { rankTrials } from './rank-trials.ts';
import type { StudyStorage } from './storage/storage.ts';
import type { TrialRecord } from './trial.ts';

/** @returns the complete trial of the best value, the first of equal ones; undefined if there is none. */
export async function best(storage: StudyStorage): Promise<TrialRecord | undefined> {
  const study = await storage.study();
  if (!study) return undefined;
  const complete = (await storage.trials()).filter(({ state }) => state === 'complete');
  return rankTrials(complete, study.direction)[0];
}
