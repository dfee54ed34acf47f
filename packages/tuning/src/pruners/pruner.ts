import type { JsonObject } from '../json.ts';
import type { Direction, Report, TrialRecord } from '../trial.ts';

/** What a pruner bases its decision on. */
export interface PruneRequest {
  readonly direction: Direction;
  /** The running trial's reports in order of step, the newest last; at least one. */
  readonly reports: readonly Report[];
  /** All trials of the study, in any state. */
  readonly trials: readonly TrialRecord[];
}

/** Decides whether to stop a running trial early. */
export interface Pruner {
  /** Name and options. They are stored with a study, which continues only with equal ones. */
  readonly settings: JsonObject;
  /** @returns true to stop the trial. */
  prune(request: PruneRequest): boolean;
}
