import { checkValues } from './check-values.ts';
import { checkSameStudy } from './same-study.ts';
import { SharedTrials } from './shared-trials.ts';
import { isShared, type StudyRecord, type StudyStorage } from './storage/storage.ts';
import { checkStudyOptions, type StudyOptions, type StudySettings } from './study-options.ts';
import { StudyRun } from './study-run.ts';
import type { TrialRecord } from './trial.ts';
import { OwnTrials } from './trial-source.ts';

/** The trials of a study after a run. */
export interface StudyResult {
  /** All trials of the study, in order of number. */
  readonly trials: readonly TrialRecord[];
  /** Whether all `StudyOptions.trials` trials have ended. False after an abort. */
  readonly complete: boolean;
}

/**
 * Starts or continues a study, and runs it until `trials` trials have ended.
 *
 * Trials that were running when an earlier run stopped or was killed run again first, with the same values. Trials that
 * have ended are kept. With `parallel` 1, the trials do not depend on where the study was interrupted; with more, a
 * trial's values depend on which trials had ended before it started.
 *
 * A trial that throws or returns a value that is not finite has failed, and the study continues. On an abort, running
 * trials keep the state `running` whatever `run` returns, because the value of an interrupted training does not count.
 *
 * A shared storage serves several coordinators. Each trial is run by one of them. If a coordinator dies, another one
 * runs its trials again with the same values. Every coordinator continues until all trials have ended.
 *
 * @returns the trials, once none is running here. The storage stays open.
 * @throws RangeError, TypeError if an option is invalid.
 * @throws StudyError if the stored study has another space, direction, sampler, pruner, seed or fingerprint, or after
 *   `mostFailures` failed trials in a row, with the last error as cause.
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
