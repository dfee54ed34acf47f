import { checkValues } from './check-values.ts';
import { checkSameStudy } from './same-study.ts';
import { SharedTrials } from './shared-trials.ts';
import { isShared, type StudyRecord, type StudyStorage } from './storage/storage.ts';
import { checkStudyOptions, type StudyOptions, type StudySettings } from './study-options.ts';
import { StudyRun } from './study-run.ts';
import type { TrialRecord } from './trial.ts';
import { OwnTrials } from './trial-source.ts';

/** How far a study came. */
export interface StudyResult {
  /** All trials of the study, in order of number. */
  readonly trials: readonly TrialRecord[];
  /** Whether all have ended; false after an abort. */
  readonly complete: boolean;
}

/**
 * Runs a study, or goes on with one, until it has so many trials.
 *
 * Trials that had not ended when an earlier run stopped, killed or not, are run again first, with the values they
 * had. Everything else that was kept stays. With `parallel` 1 the trials of a study do not depend on where it was
 * interrupted; with more, a trial's values depend on which trials had ended before it started.
 *
 * A trial that throws, or whose value is not finite, has failed, and the study goes on. At an abort the trials under
 * way stay as they are, whatever `run` returns: half a training's value is not taken for a whole one's.
 *
 * A shared storage serves several coordinators: every number is run by one of them, trials of a coordinator that died
 * are run again by another, with the values they had, and all of them go on until every trial has ended.
 *
 * @returns when no trial is running any more. The storage stays open.
 * @throws RangeError, TypeError if an option is wrong.
 * @throws StudyError if the storage holds a study of another space, direction, sampler, pruner, seed or fingerprint,
 *   or after `mostFailures` failed trials in a row, with the last error as cause.
 * @throws what the storage, the sampler or `onTrial` throws, once the running trials have ended.
 */
export async function runStudy(options: StudyOptions): Promise<StudyResult> {
  const settings = checkStudyOptions(options);
  const { storage, space, direction, sampler, pruner, seed, fingerprint } = settings;
  const study: StudyRecord = {
    space,
    direction,
    sampler: sampler.settings,
    pruner: pruner?.settings ?? null,
    seed: String(seed),
    fingerprint,
  };
  if (!(await storage.study())) await storage.begin(study);
  const kept = (await storage.study()) ?? study;
  checkSameStudy(kept, study, storage.place, isShared(storage) ? 'another study' : 'a new file');
  const source = isShared(storage) ? new SharedTrials(settings, storage) : await ownTrials(settings, storage);
  const trials = await new StudyRun(settings, source).finish();
  const ended = trials.slice(0, settings.trials).filter(({ state }) => state !== 'running');
  return { trials, complete: ended.length === settings.trials };
}

async function ownTrials(settings: StudySettings, storage: StudyStorage): Promise<OwnTrials> {
  const trials = await storage.trials();
  checkValues(trials, settings.space, storage.place);
  return new OwnTrials(settings, storage, trials);
}
