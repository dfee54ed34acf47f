import type { JsonObject } from '../json.ts';
import type { Direction, Report, TrialRecord } from '../trial.ts';

/** What a pruner may look at. */
export interface PruneRequest {
  readonly direction: Direction;
  /** Of the trial in question, in order of step, one at least; the last has just come. */
  readonly reports: readonly Report[];
  /** All trials of the study. */
  readonly trials: readonly TrialRecord[];
}

/** Decides whether a trial is worth going on with. */
export interface Pruner {
  /** Name and options. They are kept with a study, which goes on with equal ones alone. */
  readonly settings: JsonObject;
  /** @returns whether to stop the trial. */
  prune(request: PruneRequest): boolean;
}
